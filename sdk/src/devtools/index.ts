/**
 * `parsec-web/devtools`: shows what a section is doing. This folder imports the public API's types only. Nothing happens on
 * import, so that it loads where there is no DOM.
 */
export { type DotEvent, type GraphDotOptions, type GraphRange, graphDot, toDot } from './dot.ts'
export { defineInspector, type InspectorElement } from './inspector.ts'
export { type PanelName, panelNames } from './panel.ts'
