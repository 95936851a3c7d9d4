/** One fault of the matrix, by its number: `npm run faults -- F2`. */
export interface Scenario<World> {
  /** `F1` … `F30`, or a name. */
  readonly id: string;
  readonly title: string;
  /** The invariants that this scenario puts to the test. */
  readonly invariants: readonly string[];
  /** Injects the fault while the load runs, and heals it; the runner opens the campaign, drives the load, drains and checks. @throws when a claim of its own does not hold. */
  run(world: World): Promise<void>;
}
