import { EncryptedUser } from '../support/encrypted-user.ts';
import { startEmbeddedHomeserver } from '../support/homeserver-under-test.ts';
import { describeAppservice, describeGhosts } from './appservice-suite.ts';
import { describeConversation } from './conversation-suite.ts';
import { describeDrafts } from './drafts-suite.ts';

const name = 'the embedded homeserver';
describeConversation(name, startEmbeddedHomeserver);
describeDrafts(name, startEmbeddedHomeserver);
describeAppservice(name, startEmbeddedHomeserver);
describeGhosts(name, startEmbeddedHomeserver);
describeGhosts(name, startEmbeddedHomeserver, (user) => EncryptedUser.open(user));
