import { startEmbeddedHomeserver } from '../support/homeserver-under-test.ts';
import { describeApprovals } from './approvals-suite.ts';

describeApprovals('the embedded homeserver', startEmbeddedHomeserver);
