/** The DTLS certificate fingerprints of a session description (RFC 8122, section 5). */

const MAX_FINGERPRINTS = 8

/**
 * Sorted, without repetition, hash names in lower and digits in upper case: equal for every way to write the same set.
 * All of them count: a certificate is good if it matches any. Null when there is none, or more than anybody needs.
 */
export const canonicalFingerprint = (sdp: string): string | null => {
  const found = [...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)\s*$/gm)]
  const written = found.map(([, hash = '', digits = '']) => `${hash.toLowerCase()} ${digits.toUpperCase()}`)
  const unique = [...new Set(written)].sort()
  return unique.length === 0 || unique.length > MAX_FINGERPRINTS ? null : unique.join(',')
}

export const fingerprintsOf = (
  localSdp: string | undefined,
  remoteSdp: string | undefined,
): { readonly local: string; readonly remote: string } | null => {
  const local = localSdp === undefined ? null : canonicalFingerprint(localSdp)
  const remote = remoteSdp === undefined ? null : canonicalFingerprint(remoteSdp)
  return local === null || remote === null ? null : { local, remote }
}
