#!/bin/bash
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx64m -Dlog4j2.configurationFile=file:/opt/kafka/config/log4j2.properties -cp '/opt/kafka/libs/*' org.apache.kafka.tools.BrokerApiVersionsCommand "$@"
