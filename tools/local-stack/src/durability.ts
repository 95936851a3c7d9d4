/** `test` lets PostgreSQL skip fsync: quick, and lost in a power cut. `production`: three Kafka brokers, of which two confirm every write. */
export type Durability = 'test' | 'local' | 'production';
