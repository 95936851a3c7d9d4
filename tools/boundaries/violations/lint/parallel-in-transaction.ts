interface Db { transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>; insert(row: object): Promise<void> }

export class FileThings {
  constructor(private readonly db: Db) {}

  async execute(): Promise<void> {
    await this.db.transaction(async (tx) => {
      await Promise.all([tx.insert({}), tx.insert({})]);
    });
  }
}
