import { startEmbeddedHomeserver } from '../support/homeserver-under-test.ts';
import { describeConversation } from './conversation-suite.ts';

describeConversation('the embedded homeserver', startEmbeddedHomeserver);
