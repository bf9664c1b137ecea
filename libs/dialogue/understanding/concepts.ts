/** Words that say about the same, a line for each: everyday English, whatever a playbook is about. */
const groups = `
  device phone mobile cell cellphone smartphone handset iphone android handy telephone laptop tablet
  lost lose misplaced missing gone vanished disappeared stolen stole nicked snatched robbed swiped
  broken broke smashed shattered cracked dead died destroyed ruined fried bricked kaputt drowned
  refund reimburse reimbursement repay payback refunded
  pay paid payment debit debited charge charged bill billed deducted withdrew
  buy bought purchase purchased order ordered subscribe subscribed
  double twice duplicate duplicated doubled
  mistake accident accidentally error inadvertently unintentionally accidental mistakenly
  raise increase bump lift extend enlarge boost expand grow higher bigger larger up
  limit cap ceiling quota allowance budget
  delete erase remove wipe purge destroy scrub eliminate clear shred
  record records data file files information history documents
  revoke invalidate disable deactivate block kill void withdraw
  leak leaked exposed published public posted pushed shared pasted disclosed visible compromised
  token key secret credential credentials apikey
  reset restore unlock renew reinitialise
  stop cancel abort quit halt cease terminate discontinue
  forget ignore drop skip scrap scratch abandon disregard
  continue resume proceed carry return
  person human someone somebody employee colleague staff operator representative advisor supervisor manager boss superior
  talk speak chat call discuss converse
  thanks thank thankful grateful appreciate appreciated cheers obliged
  hello hi hey greetings howdy welcome
  goodbye bye farewell cya
  great awesome wonderful fantastic perfect brilliant excellent superb lovely splendid amazing terrific
  problem issue trouble difficulty hassle
  fail fails failed failing crash crashes crashed crashing
  slow sluggish laggy lagging
  why reason purpose wherefore
  need require necessary needed required must
  want wish desire like
  status progress news update updates state
  solved fixed resolved sorted repaired working works worked
  login signin logon log sign
  hacked hijacked breached intruder attacker hacker stranger
  lawyer attorney solicitor lawyers attorneys counsel barrister
  court lawsuit sue litigation tribunal legal suit
  angry furious unacceptable outrageous ridiculous disgrace disgusting terrible horrible
  urgent urgently immediately asap instantly promptly
  yes yeah yep yup aye yea affirmative indeed
  no nope nah negative nay
  wrong incorrect false mistaken mistyped typo misspelled
  invoice bill receipt
  organisation organization company org firm business
  username user account login handle
  insult insulted insulting harass harassing abuse abusive bully bullying offensive rude nasty threatening
  editor ide vscode jetbrains vim neovim emacs intellij
  assistant copilot autocomplete autocompletion completion completions suggestion suggestions
  pipeline build job runner workflow deployment
  price cost fee rate pricing expensive cheap
  permission right rights role access privilege privileges
  weather rain sunny forecast snow temperature
  food recipe cook bake pizza pasta cake dinner restaurant meal
  football match game team cup league tennis basketball
  film movie series song music book concert
  holiday vacation travel flight hotel trip train
`;

/** Which groups of words of about the same meaning a stem belongs to, by a number for each. */
export function learnConcepts(stemOf: (word: string) => string): ReadonlyMap<string, readonly string[]> {
  const concepts = new Map<string, string[]>();
  for (const [index, group] of groups.trim().split('\n').entries()) {
    for (const stem of new Set(group.trim().split(/\s+/).map(stemOf))) {
      concepts.set(stem, [...(concepts.get(stem) ?? []), `${index}`]);
    }
  }
  return concepts;
}
