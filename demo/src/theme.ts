/** Dark or light: as the system has it, until the button says otherwise. */

const key = 'parsec-web-demo-theme'

export interface Theme {
  isDark(): boolean
  toggle(): void
}

export function startTheme(changed: () => void): Theme {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const isDark = () => (document.documentElement.dataset['theme'] ?? (system.matches ? 'dark' : 'light')) === 'dark'
  const apply = (chosen: string | null) => {
    if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset['theme'] = chosen
  }
  apply(localStorage.getItem(key))
  system.addEventListener('change', changed)
  return {
    isDark,
    toggle: () => {
      const chosen = isDark() ? 'light' : 'dark'
      localStorage.setItem(key, chosen)
      apply(chosen)
      changed()
    },
  }
}
