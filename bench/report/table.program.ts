/** The service's own way from rows to contributions.csv: one snapshot, written, hashed, made durable, read back. */
process.once('message', ({ databaseUrl, campaignId, file }: { databaseUrl: string; campaignId: string; file: string }) => {
  void write(databaseUrl, campaignId, file).then((rows) => process.send!(rows, () => process.exit(0)));
});

async function write(databaseUrl: string, campaignId: string, file: string): Promise<number> {
  const own = '../../../apps/reporting-service/dist/export';
  const { withSnapshot } = (await import(`${own}/snapshot.js`)) as { withSnapshot: (url: string, read: (snapshot: Snapshot) => Promise<number>) => Promise<number> };
  const { EXPORT_ROWS, exportedRowOf } = (await import(`${own}/exported-row.statement.js`)) as { EXPORT_ROWS: string; exportedRowOf: (values: readonly (string | null)[]) => object };
  const { CsvFile } = (await import(`${own}/csv-file.js`)) as { CsvFile: { create: (path: string) => Promise<{ write: (row: object) => Promise<void> | undefined; close: () => Promise<object> }> } };
  return withSnapshot(databaseUrl, async ({ copy }) => {
    const csv = await CsvFile.create(file);
    let rows = 0;
    for await (const batch of copy(EXPORT_ROWS, [campaignId, '2026-12-31T00:00:00.000Z', 'Europe/Paris'])) {
      for (const values of batch) {
        const full = csv.write(exportedRowOf(values));
        if (full) await full;
      }
      rows += batch.length;
    }
    await csv.close();
    return rows;
  });
}

interface Snapshot {
  readonly copy: (sql: string, parameters: readonly string[]) => AsyncIterable<(string | null)[][]>;
}
