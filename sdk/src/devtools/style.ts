/** The inspector's looks. Colours are pairs, light and dark, of which the page's colour scheme chooses. */
export const style = `
:host { display: block; --height: 34rem; container-type: inline-size; font: 13px/1.45 system-ui, sans-serif;
  color: light-dark(#171a24, #e9ebf3); }
.probe { color: light-dark(#000000, #ffffff); }
:host([hidden]) { display: none; }
.frame { border: 1px solid light-dark(#dfe2ec, #2b3040); border-radius: 10px; overflow: hidden;
  background: light-dark(#ffffff, #14171f); display: grid; grid-template-rows: auto auto minmax(0, 1fr); }
.frame.open { height: var(--height); }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px; padding: 6px 10px;
  background: light-dark(#f5f6fa, #1a1e28); }
header strong { font-size: 14px; }
header .state { display: inline-flex; align-items: center; gap: 6px; }
header .state::before { content: ''; width: 9px; height: 9px; border-radius: 50%; background: currentColor; }
.state.ready { color: light-dark(#0b6b45, #5fd6a2); }
.state.stalled, .state.joining { color: light-dark(#8a4b00, #f4bd68); }
.state.stopped, .state.left { color: light-dark(#a3182f, #ff9aa8); }
header .spread { margin-left: auto; }
.quiet { color: light-dark(#5b6275, #9aa2b8); }
button { font: inherit; color: inherit; background: light-dark(#ffffff, #222735); cursor: pointer; padding: 2px 9px;
  border: 1px solid light-dark(#cfd3e0, #394054); border-radius: 6px; }
button:hover { border-color: currentColor; }
button[aria-pressed=true] { background: light-dark(#e6e5fb, #33346a); border-color: light-dark(#4338ca, #a5a9ff); }
:focus-visible { outline: 2px solid light-dark(#4338ca, #a5a9ff); outline-offset: -2px; }
[role=tablist] { display: flex; gap: 2px; padding: 0 8px; overflow-x: auto; background: light-dark(#f5f6fa, #1a1e28);
  border-bottom: 1px solid light-dark(#dfe2ec, #2b3040); }
[role=tab] { border: 0; background: none; border-radius: 0; padding: 6px 12px; border-bottom: 2px solid transparent; }
[role=tab][aria-selected=true] { border-bottom-color: light-dark(#4338ca, #a5a9ff); font-weight: 600; }
[role=tabpanel] { min-height: 0; height: 100%; }
.graph { display: grid; grid-template-columns: minmax(0, 1fr) 250px; height: 100%; min-height: 0; }
canvas { display: block; width: 100%; height: 100%; min-width: 0; min-height: 0; }
.graph canvas { cursor: crosshair; }
aside { border-left: 1px solid light-dark(#dfe2ec, #2b3040); padding: 10px 12px; overflow: auto; display: flex;
  flex-direction: column; gap: 10px; }
aside > * { flex: none; }
.tools { display: flex; gap: 6px; }
ul { list-style: none; margin: 0; padding: 0; }
.details { min-height: 11.5em; }
.details li { padding-bottom: 3px; }
.details li:first-child:not(:only-child) { font-weight: 600; font-size: 14px; }
.legend { margin-top: auto; }
.legend li { display: flex; align-items: baseline; gap: 6px; color: light-dark(#5b6275, #9aa2b8); }
svg { width: 14px; height: 14px; flex: none; align-self: center; }
aside p, .scroll p { margin: 0; }
.scroll { overflow: auto; height: 100%; box-sizing: border-box; padding: 10px 12px; display: flex; flex-direction: column;
  gap: 10px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; position: sticky; top: -10px; background: light-dark(#ffffff, #14171f); }
th, td { padding: 3px 14px 3px 0; border-bottom: 1px solid light-dark(#eceef5, #232835); vertical-align: baseline; }
code { font: 12px ui-monospace, monospace; }
.findings li { padding: 6px 10px; border-radius: 6px; background: light-dark(#fdf0d8, #3a2a10); }
.tag { font-weight: 600; }
.tag.malice, .tag.alarm { color: light-dark(#a3182f, #ff9aa8); }
.tag.section { color: light-dark(#8a4b00, #f4bd68); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: 14px; }
figure { margin: 0; }
figure canvas { height: 120px; }
figcaption { display: flex; justify-content: space-between; padding-bottom: 3px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (width < 600px) {
  .graph { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(0, 1fr) auto; }
  aside { border-left: 0; border-top: 1px solid light-dark(#dfe2ec, #2b3040); max-height: 11rem; }
  .legend { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
  .details { min-height: 0; }
}
`
