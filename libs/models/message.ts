/** One message of a conversation as the models see it: plain data, cheap to keep in a checkpoint. */
export interface Message {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}
