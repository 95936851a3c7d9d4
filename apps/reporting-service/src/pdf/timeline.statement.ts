/** Of campaign $1: receipts before $2 in zone $3, in steps of $4 (`date_trunc` unit) from $5 until just before $6; steps without any too. */
export const COUNT_TIMELINE = `
  SELECT to_char(tick, 'YYYY-MM-DD"T"HH24:MI:SS') AS at, coalesce(counted.contributions, 0)::integer AS contributions, coalesce(counted.distinct_addresses, 0)::integer AS distinct_addresses
    FROM generate_series(date_trunc($4, $5::timestamptz AT TIME ZONE $3), date_trunc($4, ($6::timestamptz - interval '1 millisecond') AT TIME ZONE $3), ('1 ' || $4)::interval) AS tick
    LEFT JOIN (SELECT date_trunc($4, received_at AT TIME ZONE $3) AS tick, count(*) AS contributions, count(DISTINCT participant_ref) AS distinct_addresses
                 FROM contribution WHERE campaign_id = $1 AND received_at < $2 GROUP BY 1) AS counted USING (tick)
   ORDER BY tick`;

export interface TimelineRow {
  /** Local time, without zone. */
  readonly at: string;
  readonly contributions: number;
  readonly distinct_addresses: number;
}
