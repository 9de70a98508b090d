/** Bounds on what a member can make every tab keep or compute for one shared document. The same in all tabs: rules. */
export const limits = {
  /** One update, its parts together. */
  updateBytes: 8 * 1024 * 1024,
  /** What one transaction carries of it: with its envelope well below the section's own limit. */
  partBytes: 512 * 1024,
  structsPerUpdate: 65_536,
  deletedRangesPerUpdate: 65_536,
  /** Arrays and objects inside each other in one value: how deep an engine can go is its own affair. */
  valueDepth: 64,
  /** Shared types inside each other. */
  typeDepth: 64,
  /** Updates of one author that wait for content which is not final yet, and their bytes together. */
  waitingUpdates: 64,
  waitingBytes: 16 * 1024 * 1024,
  /** Ranges that one author deleted before they were final. */
  waitingDeletes: 4096,
  nameLength: 64,
} as const
