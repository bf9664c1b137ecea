import { startEmbeddedHomeserver } from '../support/homeserver-under-test.ts';
import { describeDesk } from './desk-suite.ts';

describeDesk('the embedded homeserver', startEmbeddedHomeserver);
