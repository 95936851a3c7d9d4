import type { DataOf, intakeSealed } from '@cahier/contracts';
import type { Cast } from '../campaign/cast.js';
import type { Shown } from '../evidence/contribution.js';
import type { Dispatch } from '../evidence/dispatches.js';
import type { SubmittedEvent } from '../evidence/events.js';
import type { Figures } from '../evidence/figures.js';
import type { Followed } from '../evidence/links.js';
import type { Mail } from '../evidence/mails.js';
import type { ReportFile } from '../evidence/report.js';
import type { Stored } from '../evidence/stored.js';
import type { Answer, Filed } from '../intake/history.js';

interface Window {
  readonly opensAt: string;
  readonly closesAt: string;
}

/** What was tried, and what can be seen of it by HTTP and in the mailboxes: of any deployment. */
export interface VisibleEvidence {
  readonly cast: Cast;
  /** At last, and as the public was first told. */
  readonly window: Window;
  readonly firstWindow: Window;
  /** How often the closing was moved. */
  readonly extensions: number;
  /** The filings of the sample, in its order. */
  readonly filed: readonly Filed[];
  /** The fifty around closing. */
  readonly edges: readonly Filed[];
  /** The same requests as some of `filed`, before the opening. */
  readonly early: readonly { readonly key: string; readonly answer: Answer }[];
  /** New ones, well after closing. */
  readonly late: readonly Filed[];
  readonly csv: readonly Shown[];
  readonly xlsx: readonly Shown[];
  readonly jsonl: readonly Shown[];
  readonly pdfTotal: number | undefined;
  readonly files: readonly ReportFile[];
  readonly figures: Figures;
  readonly mails: readonly Mail[];
  readonly dispatches: readonly Dispatch[];
  readonly links: readonly Followed[];
  /** One line each. */
  readonly deadLetters: readonly string[];
}

/** Everything that the checks compare: also what only the databases, Kafka and the logs show. They read nothing else. */
export interface Evidence extends VisibleEvidence {
  readonly stored: readonly Stored[];
  readonly submitted: readonly SubmittedEvent[];
  readonly projected: readonly Shown[];
  readonly seal: DataOf<typeof intakeSealed> | undefined;
  /** Lines of the services' logs and of Kafka that hold an address of the public. */
  readonly leaks: readonly string[];
}
