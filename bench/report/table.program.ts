/** The service's own way from rows to contributions.csv: one snapshot, written, hashed, made durable, read back. */
process.once('message', ({ databaseUrl, campaignId, file }: { databaseUrl: string; campaignId: string; file: string }) => {
  void write(databaseUrl, campaignId, file).then((rows) => process.send!(rows));
});

async function write(databaseUrl: string, campaignId: string, file: string): Promise<number> {
  const own = '../../../apps/reporting-service/dist/export';
  const { withSnapshot } = (await import(`${own}/snapshot.js`)) as { withSnapshot: (url: string, read: (snapshot: object) => Promise<number>) => Promise<number> };
  const { exportedRows } = (await import(`${own}/exported-rows.js`)) as { exportedRows: (snapshot: object, scope: object) => AsyncIterable<Iterable<object>> };
  const { CsvFile } = (await import(`${own}/csv-file.js`)) as { CsvFile: { create: (path: string) => Promise<{ write: (row: object) => Promise<void> | undefined; close: () => Promise<object> }> } };
  return withSnapshot(databaseUrl, async (snapshot) => {
    const csv = await CsvFile.create(file);
    let rows = 0;
    for await (const batch of exportedRows(snapshot, { campaignId, cutoff: '2026-12-31T00:00:00.000Z', zone: 'Europe/Paris' })) {
      for (const row of batch) {
        const full = csv.write(row);
        if (full) await full;
        rows++;
      }
    }
    await csv.close();
    return rows;
  });
}
