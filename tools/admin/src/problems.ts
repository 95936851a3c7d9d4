/** What a command ends with. Scripts and alerts may rely on it. */
export const EXIT = {
  /** Done, and nothing amiss. */
  done: 0,
  /** Refused or failed; or what was looked at is not as it should be. */
  anomaly: 1,
  /** The command line is wrong, or something may not be done without a word that was not given. */
  usage: 2,
  /** What the command needs does not answer: a service, the sign-in server. */
  away: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Why a command ended, in words for whoever typed it. */
export class AdminProblem extends Error {
  constructor(message: string, readonly exitCode: ExitCode) {
    super(message);
  }
}

export const failed = (message: string): AdminProblem => new AdminProblem(message, EXIT.anomaly);
export const misused = (message: string): AdminProblem => new AdminProblem(message, EXIT.usage);
export const away = (message: string): AdminProblem => new AdminProblem(message, EXIT.away);
