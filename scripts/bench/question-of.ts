/** Questions that the example playbook answers, each with another answer: histories of people do not repeat themselves. */
const questions = [
  'How do I reset two-factor authentication?',
  'How do I add an SSH key?',
  'How do I restore a deleted project?',
  'Why does my pipeline wait for a runner?',
  'What does the status page show?',
  'How long is a recovery code valid?',
  'How do I create a personal access token?',
  'Where do I find the invoices of my organisation?',
  'What happens when I leak a token?',
  'How many requests may I send to the API?',
  'How do I report abuse in the community?',
  'Does the editor assistant read private code?',
];

/** The question of the so-many-eth turn of a session, from 0: none is the same as another of the last twelve. */
export function questionOf(turn: number): string {
  const question = questions[turn % questions.length] ?? '';
  const round = Math.floor(turn / questions.length);
  return round === 0 ? question : `${question} (${round + 1})`;
}
