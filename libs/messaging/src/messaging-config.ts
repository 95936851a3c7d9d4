/** What messaging reads of a service's configuration. */
export interface MessagingConfig {
  /** What the topics must survive; see `TopicCreation`. */
  readonly DURABILITY_PROFILE: 'test' | 'local' | 'production';
  /** host:port of some of the brokers. */
  readonly KAFKA_BROKERS: readonly string[];
  /** Put before the names of topics and groups; empty in production. */
  readonly TOPIC_PREFIX: string;
  /** Pause between looks at an empty outbox, in milliseconds. */
  readonly OUTBOX_POLL_MS: number;
}
