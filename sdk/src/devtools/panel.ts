/** What a panel of the inspector is, and what it is told. */
import type { Diagnostics, Inspection, PeerId, Section } from '../index.ts'
import type { GraphModel } from './graph-model.ts'
import type { Meter } from './meter.ts'
import type { Palette } from './palette.ts'

export const panelNames = ['graph', 'blocks', 'members', 'plots', 'log'] as const
export type PanelName = (typeof panelNames)[number]

/** What all panels look at. */
export interface Scene {
  readonly section: Section
  readonly model: GraphModel
  readonly meter: Meter
  readonly nameOf: (peer: PeerId) => string
  /** Read once per refresh. */
  readonly diagnostics: Diagnostics
  readonly palette: Palette
}

export interface Panel {
  readonly root: HTMLElement
  /** Something new in the graph, before it is drawn. */
  readonly hear?: (inspection: Inspection) => void
  /** Called on every animation frame while it is shown; true if it has to go on although nothing new came. */
  readonly frame?: (scene: Scene, isNew: boolean) => boolean
  /** Called twice a second while it is shown, and when it comes to be shown. */
  readonly refresh?: (scene: Scene) => void
  readonly close?: () => void
}
