import './audit.css';
import type { JSX } from 'preact';
import { PageHeader } from '../../components/page-header.tsx';
import { AuditLines } from './audit-lines.tsx';
import { AuditVerdict } from './audit-verdict.tsx';

/** Who asked, who decided, what ran: and whether somebody has changed the record of it. */
export default function AuditPage(): JSX.Element {
  return (
    <div class="audit">
      <PageHeader
        title="Audit"
        about="Every request, decision and permit is a line that holds the hash of the line before."
      />
      <AuditVerdict />
      <AuditLines />
    </div>
  );
}
