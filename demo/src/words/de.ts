/** Everything that the page says, in German. */
import type { Words } from './words.ts'

const count = (number: number, one: string, many: string) =>
  `${number.toLocaleString('de')} ${number === 1 ? one : many}`
const coins = (amount: number) => count(amount, 'Münze', 'Münzen')
const blocks = (number: number) => count(number, 'Block', 'Blöcke')
const voters = (number: number) => count(number, 'Stimmberechtigtem', 'Stimmberechtigten')

export const de: Words = {
  locale: 'de',
  language: 'Deutsch',

  coins,
  unit: (amount) => (amount === 1 ? 'Münze' : 'Münzen'),
  milliseconds: (ms) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1).replace('.', ',')} s`),
  list: (items) => items.join(', '),

  page: {
    title: 'Kassenbuch',
    room: 'Raum',
    nav: 'Seite',
    invite: 'Einladen',
    inspector: 'Inspektor',
    breakIt: 'Kaputtmachen',
    dark: 'Dunkel',
    light: 'Hell',
    leave: 'Verlassen',
    languageSwitch: 'Sprache',
    skip: 'Zum eigenen Konto',
  },

  joining: (room, servers) => `Die Gruppe in ${room} wird gesucht, über ${servers}`,
  failed: { title: 'Dieser Tab konnte nicht beitreten', again: 'Noch einmal versuchen' },

  ask: {
    leave: 'Für immer verlassen? Dieser Tab gibt seine Mitgliedschaft auf; sein Konto bleibt im Kassenbuch.',
    reform:
      'Ohne die fehlenden Stimmberechtigten weitermachen? Kommen sie zurück, sind ihres und eures zwei Kassenbücher.',
    follow:
      'In das Kassenbuch wechseln, das andere neu gegründet haben? Was hier noch offen ist, geht verloren, und es gibt kein Zurück.',
    kill: 'Diesen Tab jetzt abschießen? Er lädt neu, ohne ein Wort an die anderen.',
  },

  status: {
    label: 'Zustand',
    ready: 'Zahlungen werden endgültig',
    stalled: 'Zurzeit wird nichts endgültig',
    joining: 'Tritt bei',
    joiningDetail: 'Die Stimmberechtigten entscheiden über diesen Tab',
    left: 'Dieser Tab ist ausgetreten',
    leftDetail: 'Sein Konto bleibt im Kassenbuch',
    stopped: 'Angehalten',
    stoppedDetail: 'Hier geht diese Gruppe nicht weiter',
    expelled: 'Dieser Tab wurde ausgeschlossen',
    expelledDetail: 'Sein Betrug ist bewiesen, und die anderen machen ohne ihn weiter',
    removed: 'Du wurdest entfernt',
    voter: 'Du stimmst mit ab',
    member: 'Du bist Mitglied',
    outside: 'Noch kein Mitglied',
    block: (height) => `Block ${height.toLocaleString('de')}`,
    pending: (number) => `${number.toLocaleString('de')} unterwegs`,
    coinActive: 'gemeinsame Münze geprägt',
    coinForming: 'gemeinsame Münze entsteht',
    coinTitle:
      'Bleiben Stimmen geteilt, entscheidet eine gemeinsame Münze. Bis die Stimmberechtigten einen Schlüssel dafür teilen, ist sie vorhersehbar: Die Einigung ist ebenso sicher, aber ein Netz, das jede Nachricht liest, könnte sie aufhalten.',
    rejoin: 'Wieder beitreten',
    startOver: 'Als jemand anderes neu beitreten',
    reform: 'Ohne sie weitermachen',
  },

  quorum: {
    label: (reachable, all, needed) => `${reachable} von ${voters(all)} erreichbar, ${needed} nötig`,
    short: (reachable, all, needed) => `${reachable} von ${voters(all)} erreichbar, ${needed} nötig`,
    question: 'Was heißt das?',
    one: (name) =>
      `Bei ein bis drei Mitgliedern stimmt eines allein: ${name}. Andere können kommen und gehen; ohne dieses wird nichts endgültig.`,
    several: (all, needed, spare) =>
      `${all} Mitglieder stimmen ab. Mehr als zwei Drittel von ihnen, ${needed}, müssen mitwirken, damit etwas endgültig wird; so haben je zwei Entscheidungen ein ehrliches Mitglied gemeinsam. ${spare === 1 ? 'Ein beliebiges darf' : `${spare} beliebige dürfen`} fehlen oder lügen.`,
    reachable: (reachable, all) =>
      reachable === all ? 'Alle sind jetzt erreichbar.' : `${reachable} von ihnen sind jetzt erreichbar.`,
    asleep: (names) => `Eingeschlafen, und wieder da, sobald jemand ihren Tab ansieht: ${names}.`,
    away: (names) => `Weg, geschlossen oder abgeschnitten: ${names}.`,
    stalled: (missing) =>
      `Bis ${missing === 1 ? 'eines mehr' : `${missing} mehr`} zurück sind, warten Zahlungen. Verloren sind sie nicht: Dann werden sie endgültig.`,
    remedy:
      'Warte, oder öffne die Tabs derer, die fehlen. Nur wenn sie für immer weg sind: Mach ohne sie weiter. Das gründet, allein durch deine Entscheidung, eine neue Gruppe auf dem letzten bestätigten Block.',
    alone: 'Dieser Tab erreicht niemanden. Sieh nach seinem Netz.',
  },

  notice: {
    reformed: (id) => `Andere haben dieses Kassenbuch neu gegründet, als ${id}.`,
    follow: 'Ihnen folgen',
    memory: (reason) => `Nur im Arbeitsspeicher: ${reason}.`,
    conflicts: (number) =>
      `${count(number, 'andere Gruppe', 'andere Gruppen')} mit eigener Geschichte in diesem Raum: Kassenbücher werden nie vermischt. Nimm den Einladungslink der Gruppe, die du meinst.`,
    offline:
      'Kein Netz. Dieser Tab zeigt, was er behalten hat, und macht mit den Tabs weiter, die er noch erreicht; das Übrige folgt, wenn das Netz wieder da ist.',
    noServer: (urls) =>
      `Kein Vermittlungsserver antwortet (${urls}). Offene Verbindungen bestehen weiter; neue Tabs finden diesen erst wieder, wenn einer antwortet.`,
  },

  trial: {
    proven: (name, kind) =>
      ({
        fork: `${name} hat an einer Stelle zwei verschiedene Ereignisse unterschrieben: eine Gabelung. Beide Unterschriften liegen hier, also kann es jeder sehen.`,
        duplicateVote: `${name} hat eine Stimme zweimal abgegeben.`,
        staleOtherParent: `${name} hat ein Ereignis gebaut, das die Regeln des Graphen bricht.`,
        invalidOtherParent: `${name} hat ein Ereignis gebaut, das die Regeln des Graphen bricht.`,
        falseAttestation: `${name} hat einen Block unterschrieben, zu dem die eigenen Ereignisse nicht führen.`,
        invalidAccusation: `${name} hat jemanden ohne Beweis beschuldigt.`,
        badDeal: `${name} hat einen falschen Anteil der gemeinsamen Münze ausgeteilt.`,
        falseComplaint: `${name} hat sich über einen richtigen Anteil beschwert.`,
        badCoinShare: `${name} hat einen falschen Anteil der gemeinsamen Münze geliefert.`,
        accomplice: `${name} hat auf bewiesenem Betrug aufgebaut, ohne ihn anzuzeigen.`,
      })[kind],
    title: 'Betrug bewiesen',
    pending: 'Die Stimmberechtigten klagen an und entscheiden über den Ausschluss…',
    removed: (name, height) => `${name} wurde in Block ${height.toLocaleString('de')} ausgeschlossen.`,
    after: (duration) => `${duration} vom Beweis bis zum Ausschluss.`,
    you: 'dieser Tab',
  },

  account: {
    title: 'Dein Konto',
    balance: 'Dein Guthaben',
    rename: 'Namen ändern',
    name: 'Name',
    save: 'Speichern',
    form: 'Zahlen oder bitten',
    who: 'Wer',
    amount: 'Münzen',
    note: 'Notiz',
    optional: 'freiwillig',
    pay: 'Zahlen',
    request: 'Darum bitten',
    many: (number) => `${number} Zahlungen zu 1`,
    alone:
      'Du bist das einzige Mitglied. Lade jemanden ein, oder öffne diese Seite in einem zweiten Tab, dann gibt es jemanden, dem du zahlen kannst.',
    secondTab: 'Zweiten Tab öffnen',
    overdraft: 'Mehr als du hast: Es kommt in einen Block, und jeder Tab weist es zurück.',
    openRequests: (number, most) => `${number} von höchstens ${most} deiner Bitten sind offen.`,
    own: 'Was du getan hast',
    ownLabel: 'Was du getan hast, das Neueste zuerst',
    none: 'Noch nichts.',
    median: (duration) => `Median ${duration}`,
    medianTitle: 'vom Knopf bis zum endgültigen Block',
    older: (number) => `und ${number.toLocaleString('de')} weitere im Verlauf`,
  },

  requests: {
    incoming: 'Du wirst gebeten um',
    outgoing: 'Du hast gebeten um',
    accept: 'Annehmen',
    decline: 'Ablehnen',
    withdraw: 'Zurückziehen',
    acceptLabel: (name, amount) => `Annehmen: ${coins(amount)} an ${name} zahlen`,
    declineLabel: (name, amount) => `Ablehnen: ${coins(amount)} für ${name}`,
    withdrawLabel: (name, amount) => `Zurückziehen: ${coins(amount)} von ${name}`,
    by: (name, amount) => `${name} bittet dich um ${coins(amount)}`,
    of: (name, amount) => `${coins(amount)} von ${name}`,
    waiting: 'die Antwort steht aus',
    underWay: 'deine Antwort ist unterwegs',
    tooMuch: 'mehr als du hast',
    older: (number) => `und ${number} weitere`,
  },

  deed: {
    pay: (who, amount, to) => `${who} zahlt ${coins(amount)} an ${to}`,
    request: (who, amount, of) => `${who} bittet ${of} um ${coins(amount)}`,
    accept: (who, amount, to) => `${who} nimmt an und zahlt ${coins(amount)} an ${to}`,
    decline: (who, amount, to) => `${who} lehnt ${coins(amount)} für ${to} ab`,
    withdraw: (who, amount, of) => `${who} bittet ${of} nicht mehr um ${coins(amount)}`,
    answerUnknown: (who) => `${who} antwortet auf eine Bitte, die nicht offen ist`,
    profile: (who, name) => `${who} nimmt den Namen ${name} an`,
    opening: (who, accounts) => `${who} überträgt ${count(accounts, 'Konto', 'Konten')}`,
    malformed: (who) => `${who} sendet etwas, das keine Zahlung ist`,
    you: 'Eigenes',
    ownPay: (amount, to) => `${coins(amount)} an ${to}`,
    ownRequest: (amount, of) => `${of} um ${coins(amount)} gebeten`,
    ownAccept: (amount, to) => `Angenommen: ${coins(amount)} an ${to}`,
    ownDecline: (amount, to) => `Abgelehnt: ${coins(amount)} für ${to}`,
    ownWithdraw: (amount, of) => `Zurückgezogen: ${coins(amount)} von ${of}`,
    ownProfile: (name) => `Dein Name: ${name}`,
    ownOther: 'Konten übertragen',
  },

  fate: {
    pending: 'unterwegs',
    final: 'endgültig',
    rejected: (reason) => `abgewiesen: ${reason}`,
    lost: (reason) => `verloren: ${reason}`,
    certified: 'bestätigt',
    certifiedTitle: 'mehr als zwei Drittel seiner Stimmberechtigten haben ihn unterschrieben',
    block: (height) => `Block ${height.toLocaleString('de')}`,
    legend:
      'Unterwegs: unterschrieben und abgeschickt. Endgültig: in einem Block, den alle ehrlichen Tabs gemeinsam haben; das macht niemand rückgängig. Abgewiesen: ebenfalls in einem Block, aber jeder Tab weist es nach derselben Regel zurück, und keine Münze bewegt sich.',
  },

  refusal: {
    malformed: 'keine Zahlung',
    noAccount: 'wer zahlt, hat kein Konto',
    unknownPeer: 'dazu gibt es kein Konto',
    toSelf: 'an sich selbst',
    overdraft: 'mehr Münzen, als da waren',
    noSuchRequest: 'diese Bitte ist nicht offen',
    notYours: 'jemand anderes wurde gebeten',
    tooManyRequests: 'zu viele offene Bitten',
    notAtTheStart: 'Konten werden einmal übertragen, am Anfang',
  },

  say: {
    final: (what, height) => `Endgültig in Block ${height}: ${what}`,
    rejected: (what, reason) => `Abgewiesen: ${what}: ${reason}`,
    manyFinal: (number) => `${number} von deinen sind endgültig`,
    manyRejected: (number) => `${number} von deinen sind abgewiesen`,
    manyIncoming: (number) => `${number} von anderen betreffen dich`,
  },

  members: {
    title: 'Mitglieder',
    sizes: (members, all) =>
      `${count(members, 'Mitglied', 'Mitglieder')}, ${count(all, 'Stimmberechtigter', 'Stimmberechtigte')}`,
    sizesTitle: '1, 4, 7, … Stimmberechtigte: Von 3f + 1 dürfen beliebige f fehlen oder lügen',
    you: 'du',
    votes: 'stimmt ab',
    asleep: 'schläft',
    away: 'weg',
    gone: 'ausgetreten',
    expelled: 'ausgeschlossen',
    noAccount: 'noch kein Konto',
    choose: 'Zahlen',
    chooseLabel: (name) => `${name} zahlen oder bitten`,
  },

  history: {
    title: 'Verlauf',
    search: 'Suche',
    placeholder: 'Notiz, Name oder Betrag',
    peer: 'Wer',
    everybody: 'alle',
    state: 'Stand',
    states: { any: 'alle', pending: 'unterwegs', final: 'endgültig', rejected: 'abgewiesen' },
    label: 'Vorgänge, das Neueste zuerst',
    none: 'Nichts gefunden.',
    more: 'Mehr zeigen',
    recent: (number) => `der letzten ${blocks(number)}`,
    all: (number) => `Alle ${blocks(number)} durchsuchen`,
    searching: 'Alle Blöcke werden durchsucht…',
    whole: 'aus allen Blöcken',
    found: (number, more) => (more ? `die neuesten ${number}` : `${number} gefunden`),
  },

  blocks: {
    title: 'Blöcke',
    certified: (certified, height) => `${certified.toLocaleString('de')} von ${height.toLocaleString('de')} bestätigt`,
    none: 'Noch keiner: Solange nichts geschieht, entsteht keiner.',
    label: 'Endgültige Blöcke, das Neueste zuerst',
    older: 'Ältere Blöcke zeigen',
    rest: 'Ältere liegen im Speicher der Gruppe: Sichere die Geschichte, um alle zu sehen.',
    empty: 'Angelegenheiten der Stimmberechtigten',
    refused: (number) => `${number} abgewiesen`,
    origin: (names) => `entschieden von ${names}`,
    after: 'nach',
    payments: (number) => count(number, 'Zahlung', 'Zahlungen'),
    requests: (number) => count(number, 'Bitte', 'Bitten'),
    others: (number) => `${number} anderes`,
    changes: (number) => count(number, 'Änderung', 'Änderungen'),
    rows: (number) => `und ${number.toLocaleString('de')} weitere`,
    add: (name) => `${name} tritt bei`,
    remove: (name) => `${name} wird entfernt`,
    expel: (name) => `${name} wird wegen bewiesenen Betrugs ausgeschlossen`,
    promote: (names) => `${names} stimmt nun ab`,
    demote: (names) => `${names} stimmt nicht mehr ab`,
  },

  invite: {
    title: 'Jemanden einladen',
    lead: 'Wer diesen Link öffnet, auf welchem Gerät auch immer, macht bei diesem Kassenbuch mit.',
    qr: (link) => `QR-Code des Einladungslinks ${link}`,
    link: 'Einladungslink',
    copy: 'Link kopieren',
    copied: 'Kopiert',
    share: 'Teilen…',
    shareText: 'Mach mit bei unserem Kassenbuch',
    close: 'Schließen',
    local:
      'Diese Adresse führt nur auf diesen Rechner. Für ein Telefon starte die Demo mit „npm start -- --host“ und öffne sie unter der Adresse, die dann erscheint.',
    tooLong: 'Der Link ist zu lang für einen QR-Code.',
  },

  proof: {
    title: 'Beweis',
    lead: 'Die Geschichte dieses Kassenbuchs beweist sich selbst: Jeden Block haben mehr als zwei Drittel seiner Stimmberechtigten unterschrieben, vom Gründer an. Jeder kann das prüfen, ohne uns und ohne Netz.',
    save: 'Geschichte sichern',
    saveHint: 'eine Datei mit jedem bestätigten Block',
    check: 'Datei prüfen',
    drop: 'oder hier ablegen',
    tamper: 'Fälschen und noch einmal prüfen',
    tamperHint: 'ändert ein Byte mitten in der letzten Datei',
    checking: 'Jede Unterschrift wird geprüft…',
    valid: (number, transactions) =>
      `Echt: ${blocks(number)} mit ${count(transactions, 'Vorgang', 'Vorgängen')}, jeder unterschrieben von mehr als zwei Dritteln seiner Stimmberechtigten.`,
    ours: 'Es ist die Geschichte dieses Kassenbuchs, Block für Block wie in diesem Tab.',
    contradicts:
      'Sie gehört zu dieser Gruppe, enthält aber einen anderen Block als dieser Tab: Zwei Geschichten wurden bestätigt.',
    foreign: (id) =>
      `Es ist die Geschichte einer anderen Gruppe, ${id}. Ob du ihrem Gründer traust, ist deine Entscheidung.`,
    founder: (ids) => `Gegründet von ${ids}.`,
    invalid: (height) =>
      height === 0 ? 'Zurückgewiesen: die Datei als solche.' : `Zurückgewiesen: Block ${height} hält nicht stand.`,
    file: (name, bytes) => `${name}, ${bytes}`,
    bytes: (bytes) => (bytes < 10_000 ? `${bytes} Bytes` : `${Math.round(bytes / 1_000)} kB`),
    forged: (name) => `${name}, ein Byte geändert`,
    tooLarge: 'Diese Datei ist zu groß, um hier geprüft zu werden.',
    unreadable: (reason) => `Diese Datei lässt sich nicht lesen: ${reason}`,
    faults: {
      tooLarge: 'Etwas darin ist größer, als je eine Gruppe es macht.',
      unsupportedVersion: 'Eine neuere Version hat sie geschrieben.',
      malformed: 'Es ist keine solche Datei, oder keine richtig geschriebene.',
      bodyMismatch: 'Ein Ereignis ist nicht, was sein Kopf sagt.',
      truncated: 'Die Datei endet zu früh.',
      recordTooLarge: 'Ein Block ist größer, als einer sein darf.',
      trailingBytes: 'Nach dem Ende der Datei steht noch etwas.',
      wrongGenesis: 'Ihr Anfang hat nicht den Hash, nach dem die Gruppe heißt.',
      wrongSection: 'Ein Teil gehört zu einer anderen Gruppe.',
      wrongHeight: 'Blöcke fehlen, oder sie behauptet mehr, als sie beweist.',
      wrongPrevious: 'Der Block folgt nicht auf den vor ihm.',
      wrongTime: 'Die Zeit des Blocks liegt nicht nach der des vorigen.',
      wrongVoters: 'Andere als seine Stimmberechtigten haben den Block entschieden.',
      wrongItems: 'Die Vorgänge sind nicht die, die unterschrieben wurden.',
      wrongObservations: 'Die Änderungen der Mitglieder sind nicht die, die unterschrieben wurden.',
      wrongHash: 'Der Hash des Blocks ist nicht der seines Inhalts.',
      otherBlock: 'Eine Unterschrift gilt einem anderen Block.',
      attestedTwice: 'Die Unterschrift eines Stimmberechtigten ist doppelt gezählt.',
      notCertified: 'Nicht mehr als zwei Drittel der Stimmberechtigten haben ihn unterschrieben.',
      malformedAttestation: 'Eine Unterschrift ist unlesbar.',
      badSignature: 'Eine Unterschrift ist falsch.',
    },
  },

  breaking: {
    title: 'Kaputtmachen',
    lead: 'Tu diesem Tab an, was du willst, und sieh zu, wie die anderen weitermachen.',
    before: 'Was geschehen wird',
    after: 'Worauf zu achten ist',
    links: {
      title: 'Verbindungen stören',
      before:
        'Nachrichten zwischen diesem Tab und dem gewählten Mitglied verschwinden in beiden Richtungen oder kommen spät. Niemand erfährt davon.',
      after:
        'Ist eine Verbindung weg, reichen andere alles weiter. Sind die meisten weg, bleibt dieser Tab zurück und holt auf, sobald sie geflickt sind.',
      none: 'Sonst ist niemand hier.',
      cut: 'gekappt',
      delay: 'Verzögerung',
      mend: 'Alles flicken',
      cutLabel: (name) => `Verbindung zu ${name} kappen`,
      delayLabel: (name) => `Verzögerung der Verbindung zu ${name}`,
      delays: (ms) => (ms === 0 ? 'keine' : ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`),
    },
    freeze: {
      title: 'Diesen Tab einfrieren',
      before: 'Dieser Tab hört und sagt nichts mehr, wie ein Telefon im Tunnel. Er verabschiedet sich nicht.',
      after:
        'Binnen 15 Sekunden zeigen ihn die anderen als weg. Ab vier Mitgliedern gehen ihre Zahlungen weiter; deine warten und werden nach dem Auftauen endgültig.',
      freeze: 'Einfrieren',
      thaw: 'Auftauen',
      frozen: 'Eingefroren: Dieser Tab hört und sagt nichts.',
    },
    kill: {
      title: 'Abschießen und neu laden',
      before: 'Diese Seite stirbt mitten in der Arbeit, ohne ein Wort, und lädt neu.',
      after:
        'Sie kommt als dasselbe Mitglied zurück, mit allem, was sie gesagt hatte, und holt auf, was sie verpasst hat. Nichts Gesagtes wird je widerrufen.',
      kill: 'Diesen Tab abschießen',
    },
    fork: {
      title: 'Betrügen: dieselben Münzen zweimal ausgeben',
      before: (amount, one, other) =>
        `Dieser Tab unterschreibt an einer Stelle seiner Geschichte zwei verschiedene Ereignisse: In einem zahlt er ${coins(amount)} an ${one}, im anderen dieselben Münzen an ${other}, und jeder Hälfte der Mitglieder zeigt er ein anderes.`,
      after:
        'Sobald zwei ehrliche Tabs vergleichen, haben sie beide Unterschriften. Sie klagen diesen Tab mit dem Beweis an und schließen ihn aus, meist in weniger als einer Sekunde. Jeder Tab hat dieselben Guthaben: Höchstens eine der Zahlungen zählt.',
      betray: 'Alle betrügen',
      needVoters: 'Braucht mindestens vier stimmende Mitglieder: Bei weniger gibt es keine Mehrheit von Ehrlichen.',
      needCoins: 'Braucht eine Münze, die sich zweimal ausgeben lässt.',
      needStanding: 'Dieser Tab ist kein Mitglied und kann niemanden betrügen.',
      done: 'Betrogen. Sieh dir die anderen Tabs an.',
      caught: (duration) => `Überführt und ausgeschlossen ${duration} nach der Gabelung.`,
    },
  },

  foot: {
    hash: 'Hash des Kassenbuchs',
    sum: 'Summe der Guthaben',
    sumValue: (sum, accounts) => `${sum.toLocaleString('de')} auf ${count(accounts, 'Konto', 'Konten')}`,
    section: 'Gruppe',
    tab: 'Dieser Tab',
    diagnostics: 'Diagnose',
  },
}
