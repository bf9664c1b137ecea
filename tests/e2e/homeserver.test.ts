import { startEmbeddedHomeserver } from '../support/homeserver-under-test.ts';
import { describeHomeserver } from './homeserver-suite.ts';

describeHomeserver('the embedded homeserver', startEmbeddedHomeserver);
