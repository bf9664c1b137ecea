import type { Tool } from '#agents/tools/tool';
import { createCheckIpReputation } from './create-check-ip-reputation.ts';
import { createFindAccount } from './create-find-account.ts';
import { createFindInvoice } from './create-find-invoice.ts';
import { createFindOrganisation } from './create-find-organisation.ts';
import { createGrantBudgetPermission } from './create-grant-budget-permission.ts';
import { createRaiseCiBudget } from './create-raise-ci-budget.ts';
import { createReadAuditLog } from './create-read-audit-log.ts';
import { createReadPipeline } from './create-read-pipeline.ts';
import { createRecordFeedback } from './create-record-feedback.ts';
import { createRefundInvoice } from './create-refund-invoice.ts';
import { createResetTwoFactor } from './create-reset-two-factor.ts';
import { createRevokeToken } from './create-revoke-token.ts';
import type { ForgeDesk } from './forge-desk.ts';

/** The tools of the support desk, over its systems. */
export function createDeskTools(desk: ForgeDesk): readonly Tool[] {
  return [
    createFindInvoice(desk),
    createFindAccount(desk),
    createFindOrganisation(desk),
    createReadPipeline(desk),
    createReadAuditLog(desk),
    createCheckIpReputation(desk),
    createRevokeToken(desk),
    createRecordFeedback(desk),
    createRefundInvoice(desk),
    createRaiseCiBudget(desk),
    createGrantBudgetPermission(desk),
    createResetTwoFactor(desk),
  ];
}
