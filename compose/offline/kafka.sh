#!/bin/bash
# As the public image does it: KAFKA_SOME_NAME is the property some.name; an empty volume gets its cluster id.
set -eu
properties=/tmp/server.properties
env | grep '^KAFKA_' | grep -v '^KAFKA_HEAP_OPTS=' | while IFS='=' read -r name value; do
  printf '%s=%s\n' "$(printf %s "${name#KAFKA_}" | tr 'A-Z_' 'a-z.')" "$value"
done > $properties
java=(java -Djava.awt.headless=true -Dlog4j2.configurationFile=file:/opt/kafka/config/log4j2.properties -cp '/opt/kafka/libs/*')
if [ ! -s "$KAFKA_LOG_DIRS/meta.properties" ]; then
  "${java[@]}" kafka.tools.StorageTool format --cluster-id "$("${java[@]}" kafka.tools.StorageTool random-uuid)" --config $properties
fi
# shellcheck disable=SC2086 # several words
exec "${java[@]}" ${KAFKA_HEAP_OPTS:-} kafka.Kafka $properties
