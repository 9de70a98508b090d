/** Which language the page speaks: the browser's, until somebody says otherwise. */
import { languages, type Words, wordsFor } from './words/words.ts'

const key = 'parsec-web-demo-language'

export interface Language {
  readonly words: Words
  choose(locale: string): void
}

export function startLanguage(changed: () => void): Language {
  const chosen = localStorage.getItem(key)
  let words = wordsFor([...(chosen === null ? [] : [chosen]), ...navigator.languages])
  const apply = () => {
    document.documentElement.lang = words.locale
    document.title = `${words.page.title} · parsec-web`
  }
  apply()
  return {
    get words() {
      return words
    },
    choose(locale) {
      const found = languages.find((each) => each.locale === locale)
      if (!found) return
      words = found
      localStorage.setItem(key, locale)
      apply()
      changed()
    },
  }
}
