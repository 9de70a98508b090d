/** The dialog that lets somebody in: a link, its QR code, and ways to send it. */
import { html, nothing, type TemplateResult } from 'lit-html'
import { isLocalAddress } from '../address.ts'
import type { Invitation, QrCode } from '../invite.ts'
import type { Actions, Face } from './view.ts'

export function inviteDialog({ invitation, t }: Face, actions: Actions): TemplateResult {
  return html`
    <dialog class="invite panel" aria-labelledby="invite-title" @close=${actions.closeInvitation}>
      ${invitation === null ? nothing : content(invitation, t, actions)}
    </dialog>
  `
}

function content({ link, qr, copied }: Invitation, t: Face['t'], actions: Actions): TemplateResult {
  const close = (event: Event) => (event.currentTarget as HTMLElement).closest('dialog')?.close()
  return html`
    <h2 id="invite-title">${t.invite.title}</h2>
    <p>${t.invite.lead}</p>
    ${isLocalAddress(link) ? html`<p class="hint">${t.invite.local}</p>` : nothing}
    ${qr === null ? html`<p class="hint">${t.invite.tooLong}</p>` : picture(qr, t.invite.qr(link))}
    <label>
      ${t.invite.link}
      <input name="link" readonly .value=${link} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
    </label>
    <p class="buttons">
      <button class="primary" name="copy" autofocus @click=${actions.copyLink}>${copied ? t.invite.copied : t.invite.copy}</button>
      ${'share' in navigator ? html`<button name="share" @click=${actions.shareLink}>${t.invite.share}</button>` : nothing}
      <button name="close" @click=${close}>${t.invite.close}</button>
    </p>
    <span class="sr-only" role="status">${copied ? t.invite.copied : nothing}</span>
  `
}

function picture({ size, path }: QrCode, label: string): TemplateResult {
  return html`
    <svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label=${label} shape-rendering="crispEdges">
      <rect width=${size} height=${size} fill="#fff"></rect>
      <path d=${path} fill="#000"></path>
    </svg>
  `
}
