interface Db { transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>; insert(row: object): Promise<void> }

export class FileThing {
  constructor(private readonly db: Db) {}

  async execute(): Promise<string> {
    return this.db.transaction(async (tx) => {
      try {
        await tx.insert({});
        return 'stored';
      } catch {
        return 'not stored';
      }
    });
  }
}
