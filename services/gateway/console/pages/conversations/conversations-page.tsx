import './conversations.css';
import type { JSX } from 'preact';
import type { PageProps } from '../../pages.ts';
import { ConversationDetail } from './conversation-detail.tsx';
import { ConversationList } from './conversation-list.tsx';
import { WhyPage } from './why-page.tsx';

/** `#/conversations`, `#/conversations/<session>` and `#/conversations/why/<event>`. No session is called `why`. */
export default function ConversationsPage({ rest }: PageProps): JSX.Element {
  const [first, second] = rest;
  if (first === 'why') return <WhyPage key={second ?? ''} event={second ?? ''} />;
  if (first !== undefined) return <ConversationDetail key={first} session={first} />;
  return <ConversationList />;
}
