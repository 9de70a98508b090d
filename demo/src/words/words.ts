/** The languages that the page speaks. */
import { de } from './de.ts'
import { en } from './en.ts'

export type Words = typeof en

/** The first one is spoken to whoever understands none of them. */
export const languages: readonly Words[] = [en, de]

/** The first of the preferred languages that the page speaks; `preferred` in BCP 47, most wanted first. */
export function wordsFor(preferred: readonly string[]): Words {
  for (const tag of preferred) {
    const [language] = tag.toLowerCase().split('-')
    const spoken = languages.find(({ locale }) => locale === language)
    if (spoken) return spoken
  }
  return en
}
