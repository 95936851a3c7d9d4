/** A Kafka topic: one publisher, and one field of the data that is the partition key of every event in it. */
export interface Topic<Key extends string = string> {
  readonly name: string;
  /** The one service that writes here; the CloudEvents `source`. */
  readonly publisher: string;
  /** Name of the data field whose value is the Kafka key and the CloudEvents `subject`. Order is promised per key, nowhere else. */
  readonly key: Key;
}

export function defineTopic<const Key extends string>(topic: Topic<Key>): Topic<Key> {
  return topic;
}
