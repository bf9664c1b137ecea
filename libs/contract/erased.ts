/**
 * How the outcome of an approval ends when the message that asked for it was redacted: its prompt is taken back too, because
 * it says what the message said.
 */
export const erasedWords = 'The message that asked for it was redacted';
