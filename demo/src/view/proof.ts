/** Saves the certified history and checks one, with the verdict explained. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { shortId } from '../names.ts'
import type { Proof } from '../proofs.ts'
import type { Actions, Face } from './view.ts'

/** `hasHistory`: there is a section whose history can be saved. */
export function proofPanel(face: Face, actions: Actions, hasHistory: boolean): TemplateResult {
  const { t, proof } = face
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0]
    if (file) actions.checkFile(file)
  }
  const choose = (event: Event) => {
    const input = event.target as HTMLInputElement
    take(input.files)
    // Or the same file, changed meanwhile, could not be chosen again.
    input.value = ''
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    take(event.dataTransfer?.files)
  }
  return html`
    <section class="panel proof" aria-labelledby="proof-title" @dragover=${(event: Event) => event.preventDefault()} @drop=${drop}>
      <h2 id="proof-title">${t.proof.title}</h2>
      <p class="hint">${t.proof.lead}</p>
      <p class="buttons">
        ${hasHistory ? html`<button name="save" title=${t.proof.saveHint} @click=${actions.saveHistory}>${t.proof.save}</button>` : nothing}
        <label class="button">
          ${t.proof.check}
          <input class="sr-only" type="file" name="history" @change=${choose} />
        </label>
        <span class="hint drop">${t.proof.drop}</span>
        ${proof.kind === 'verdict' ? html`<button name="forge" title=${t.proof.tamperHint} @click=${actions.forge}>${t.proof.tamper}</button>` : nothing}
      </p>
      <div class="verdict" role="status">${verdictWords(proof, t)}</div>
    </section>
  `
}

function verdictWords(proof: Proof, t: Face['t']): TemplateResult | string | typeof nothing {
  switch (proof.kind) {
    case 'none':
      return nothing
    case 'checking':
      return t.proof.checking
    case 'tooLarge':
      return refusal(t.proof.tooLarge, [])
    case 'unreadable':
      return refusal(t.proof.unreadable(proof.reason), [])
    case 'verdict': {
      const { file, verdict } = proof
      const name = t.proof.file(file.isForged ? t.proof.forged(file.name) : file.name, t.proof.bytes(file.bytes))
      if (!verdict.valid) return refusal(t.proof.invalid(verdict.height), [t.proof.faults[verdict.reason], name])
      return html`
        <div class="outcome final" data-verdict="valid" data-relation=${proof.relation}>
          <p><span class="sign" aria-hidden="true">✓</span> <strong>${t.proof.valid(verdict.height, verdict.transactions)}</strong></p>
          <p>${relationWords(proof, t)} ${t.proof.founder(t.list(verdict.genesis.founders.map(shortId)))}</p>
          <p class="hint">${name}</p>
        </div>
      `
    }
  }
}

function relationWords({ verdict, relation }: Extract<Proof, { kind: 'verdict' }>, t: Face['t']): string {
  if (relation === 'foreign' && verdict.valid) return t.proof.foreign(shortId(verdict.sectionId))
  return relation === 'contradicts' ? t.proof.contradicts : t.proof.ours
}

function refusal(headline: string, details: readonly string[]): TemplateResult {
  return html`
    <div class="outcome refused" data-verdict="invalid">
      <p><span class="sign" aria-hidden="true">✕</span> <strong>${headline}</strong></p>
      ${details.map((detail) => html`<p>${detail}</p>`)}
    </div>
  `
}
