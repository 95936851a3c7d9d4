/** One fault of the matrix, by its number: `npm run faults -- F2`. */
export interface Scenario<World> {
  /** `F1` … `F30`, or a name. */
  readonly id: string;
  readonly title: string;
  /** The invariants that this scenario puts to the test. */
  readonly invariants: readonly string[];
  /** How much is filed while it runs. Default: 40 a second for 8 s. */
  readonly load?: { readonly perSecond?: number; readonly seconds?: number };
  /** An instant, by the clocks of all databases, at which the campaign is scheduled. Default: now. */
  readonly at?: string;
  /** Of a local time that exists twice in its night. */
  readonly disambiguation?: 'earlier' | 'later';
  /** People file before it opens, too. Default: false. */
  readonly early?: boolean;
  /** From the last filing to the closing, so that clients can ask again. Default: 8 s. */
  readonly quietSeconds?: number;
  /** False: no request may have to be sent again. Default: true. */
  readonly mayRetry?: boolean;
  /** The broker's log is emptied: versions may be missing from it. */
  readonly topicsWiped?: boolean;
  /** A database is restored: the bodies of what was filed since are lost. */
  readonly bodiesLost?: boolean;
  /** Events are held back: a topic may have a key's versions in any order. */
  readonly outOfOrder?: boolean;
  /** Dead letters that must be, by their lines. */
  readonly poison?: RegExp;
  /** `production`: three brokers, of which two confirm every write. Default: `local`. */
  readonly durability?: 'local' | 'production';
  /** After the campaign was scheduled, before it opens. */
  before?(world: World): Promise<void>;
  /** Injects the fault while the load runs, and heals it; the runner opens the campaign, drives the load, drains and checks. @throws when a claim of its own does not hold; Skipped where it cannot run. */
  run(world: World): Promise<void>;
}

/** This machine does not permit the fault: said, not counted. */
export class Skipped extends Error {}
