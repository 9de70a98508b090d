/** `parsec-web/yjs`: shared documents whose edits become final. May import only this folder. */
export type { Refusal } from './final-document.ts'
export {
  type AuthoredText,
  createYjsProvider,
  type FinalEdit,
  type RefusedEdit,
  type YjsOptions,
  type YjsProvider,
  type YjsProviderEvents,
} from './provider.ts'
