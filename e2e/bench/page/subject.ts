/** What is measured: something that carries payments between tabs. */

/** As the demo's. In the section's encoding 200 bytes. */
export interface Payment {
  readonly kind: 'pay'
  /** A key, in hexadecimal. */
  readonly to: string
  /** The number of the tab that pays: who pays is told apart by it. */
  readonly amount: number
  readonly note: string
}

export interface Terms {
  readonly room: string
  /** Of the signaling server, or of the sequencer. */
  readonly server: string
  /** From 1. */
  readonly tab: number
  /** The most voters of a section. */
  readonly maxVoters: number
}

export interface Subject {
  /** Resolves once this tab knows as many tabs, itself included, and as many voters where there are any. */
  formed(tabs: number, voters: number): Promise<void>
  /** `settled` is called in this tab once the payment is what the subject makes of it: final, in order, or everywhere. */
  submit(payment: Payment, settled: () => void): void
  facts(): Facts
}

export interface Facts {
  /** Gossip events here; null where there are none. */
  readonly events: number | null
  /** Null where there are none. */
  readonly height: number | null
}

/** Opens a subject in this tab. `delivered` is called for every payment that has arrived, own ones included. */
export type OpenSubject = (terms: Terms, delivered: (payment: Payment) => void) => Promise<Subject>

export type SubjectName = 'section' | 'section on the page' | 'sequencer' | 'y-webrtc' | 'data channel'
