"""CloudWatch metrics by namespace: which exist, and by which sets of dimensions each is found.

A namespace that is missing here is not judged. Sources, all read in November 2026:
- npm `@aws-cdk/aws-service-spec` 0.1.216, which AWS makes from the consoles of CloudWatch
- HTTP APIs by stage and route, which that package lacks:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
- asynchronous invocations, event source mappings and fair queues, which that package lacks:
  https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
- what of the concurrency of an account is claimed, which that package lacks:
  https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html
- throttling of tables by its cause, which that package lacks:
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
- streams, the calls and consumers of which that package lacks:
  https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
- topics, whose filters and dead letters that package lacks:
  https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
- rules, whose metrics on a bus other than the default that package lacks:
  https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
- subscriptions of log groups, of whose dimensions that package has one:
  https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
- state machines, whose redrives, versions and aliases that package lacks:
  https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
- the scheduler:
  https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
"""

Sets = tuple[frozenset[str], ...]


def _sets(*dimensions: str) -> Sets:
    """Sets of dimensions, each written as its names with spaces between."""
    return tuple(frozenset(names.split()) for names in dimensions)


def _each(sets: Sets, *metrics: str) -> dict[str, Sets]:
    return {name: sets for metric in metrics for name in metric.split()}


METRICS: dict[str, dict[str, Sets]] = {
    "AWS/ApiGateway": {
        **_each(
            _sets("ApiName", "ApiId Stage", "ApiName Stage", "ApiName Method Resource Stage"),
            "4XXError 5XXError CacheHitCount CacheMissCount",
        ),
        **_each(
            _sets("ApiId", "ApiId Stage", "ApiId Route Stage"),
            "4xx 5xx DataProcessed",
        ),
        **_each(
            _sets("ApiId", "ApiId Route Stage"),
            "ClientError ConnectCount ExecutionError IntegrationError MessageCount",
        ),
        **_each(
            _sets(
                "ApiId",
                "ApiName",
                "ApiId Stage",
                "ApiName Stage",
                "ApiId Route Stage",
                "ApiName Method Resource Stage",
            ),
            "Count IntegrationLatency Latency",
        ),
    },
    "AWS/DynamoDB": {
        **_each(
            _sets(""),
            "AccountMaxReads AccountMaxTableLevelReads AccountMaxTableLevelWrites",
            "AccountMaxWrites AccountProvisionedReadCapacityUtilization",
            "AccountProvisionedWriteCapacityUtilization",
            "MaxProvisionedTableReadCapacityUtilization",
            "MaxProvisionedTableWriteCapacityUtilization UserErrors",
        ),
        **_each(
            _sets("DelegatedOperation TableName"),
            "AgeOfOldestUnreplicatedRecord ConsumedChangeDataCaptureUnits",
            "ThrottledPutRecordCount",
        ),
        **_each(
            _sets("TableName"),
            "ConditionalCheckFailedRequests TimeToLiveDeletedItemCount TransactionConflict",
        ),
        **_each(
            _sets("TableName", "GlobalSecondaryIndexName TableName"),
            "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits",
            "ProvisionedReadCapacityUnits ProvisionedWriteCapacityUnits ReadThrottleEvents",
            "WriteThrottleEvents",
            "ReadAccountLimitThrottleEvents ReadKeyRangeThrottleEvents",
            "ReadMaxOnDemandThroughputThrottleEvents ReadProvisionedThroughputThrottleEvents",
            "WriteAccountLimitThrottleEvents WriteKeyRangeThrottleEvents",
            "WriteMaxOnDemandThroughputThrottleEvents WriteProvisionedThroughputThrottleEvents",
        ),
        **_each(
            _sets("GlobalSecondaryIndexName TableName"),
            "OnlineIndexConsumedWriteCapacity OnlineIndexPercentageProgress",
            "OnlineIndexThrottleEvents",
        ),
        **_each(
            _sets("ReceivingRegion TableName"),
            "PendingReplicationCount ReplicationLatency",
        ),
        **_each(
            _sets("Operation StreamLabel TableName"),
            "ReturnedBytes ReturnedRecordsCount",
        ),
        **_each(
            _sets("Operation TableName"),
            "ReturnedItemCount SuccessfulRequestLatency SystemErrors ThrottledRequests",
        ),
    },
    "AWS/Events": {
        **_each(
            _sets("RuleName", "EventBusName RuleName"),
            "DeadLetterInvocations FailedInvocations InvocationsFailedToBeSentToDlq",
            "InvocationsSentToDlq MatchedEvents RetryInvocationAttempts",
            "SuccessfulInvocationAttempts ThrottledRules TriggeredRules",
            "IngestionToInvocationCompleteLatency IngestionToInvocationStartLatency",
            "IngestionToInvocationSuccessLatency",
        ),
        **_each(
            _sets("", "RuleName", "EventBusName RuleName", "EventBusName"),
            "InvocationAttempts Invocations",
        ),
        **_each(
            _sets("EventSourceName"),
            "Events",
        ),
        **_each(
            _sets(""),
            "InvocationsCreated PutEventsApproximateCallCount PutEventsApproximateFailedCount",
            "PutEventsApproximateSuccessCount PutEventsApproximateThrottledCount",
            "PutEventsEntriesCount PutEventsFailedEntriesCount PutEventsLatency",
            "PutEventsRequestSize PutPartnerEventsApproximateCallCount",
            "PutPartnerEventsApproximateFailedCount PutPartnerEventsApproximateSuccessCount",
            "PutPartnerEventsApproximateThrottledCount PutPartnerEventsEntriesCount",
            "PutPartnerEventsFailedEntriesCount PutPartnerEventsLatency",
        ),
    },
    "AWS/Kinesis": {
        **_each(
            _sets("StreamName"),
            "GetRecords.Bytes GetRecords.IteratorAgeMilliseconds GetRecords.Latency",
            "GetRecords.Records GetRecords.Success PutRecord.Bytes PutRecord.Latency",
            "PutRecord.Success PutRecords.Bytes PutRecords.FailedRecords PutRecords.Latency",
            "PutRecords.Success PutRecords.SuccessfulRecords PutRecords.ThrottledRecords",
            "PutRecords.TotalRecords",
        ),
        **_each(
            _sets("StreamName", "ShardId StreamName"),
            "IncomingBytes IncomingRecords ReadProvisionedThroughputExceeded",
            "WriteProvisionedThroughputExceeded",
        ),
        **_each(
            _sets("ShardId StreamName"),
            "IteratorAgeMilliseconds OutgoingBytes OutgoingRecords",
        ),
        **_each(
            _sets("ConsumerName StreamName"),
            "SubscribeToShard.RateExceeded SubscribeToShard.Success SubscribeToShardEvent.Bytes",
            "SubscribeToShardEvent.MillisBehindLatest SubscribeToShardEvent.Records",
            "SubscribeToShardEvent.Success",
        ),
    },
    "AWS/Lambda": {
        **_each(
            _sets("EventSourceMappingUUID"),
            "DeletedEventCount DroppedEventCount FailedInvokeEventCount FilteredOutEventCount",
            "InvokedEventCount OnFailureDestinationDeliveredEventCount PolledEventCount",
        ),
        **_each(
            _sets("FunctionName", "FunctionName Resource"),
            "AsyncEventAge AsyncEventsDropped AsyncEventsReceived OffsetLag",
            "RecursiveInvocationsDropped",
        ),
        **_each(
            _sets(
                "", "FunctionName", "FunctionName Resource", "ExecutedVersion FunctionName Resource"
            ),
            "ConcurrentExecutions Duration Errors Invocations PostRuntimeExtensionsDuration",
            "ProvisionedConcurrencyInvocations ProvisionedConcurrencySpilloverInvocations",
            "ProvisionedConcurrentExecutions Throttles",
        ),
        **_each(
            _sets("FunctionName", "FunctionName Resource", "ExecutedVersion FunctionName Resource"),
            "Url4xxCount Url5xxCount UrlRequestCount UrlRequestLatency",
        ),
        **_each(
            _sets("", "FunctionName", "FunctionName Resource"),
            "DeadLetterErrors DestinationDeliveryFailures IteratorAge",
        ),
        **_each(
            _sets("", "FunctionName Resource", "ExecutedVersion FunctionName Resource"),
            "ProvisionedConcurrencyUtilization",
        ),
        **_each(
            _sets(""),
            "ClaimedAccountConcurrency UnreservedConcurrentExecutions",
        ),
    },
    "AWS/Logs": {
        **_each(
            _sets("", "LogGroupName"),
            "IncomingBytes IncomingLogEvents",
        ),
        **_each(
            _sets("LogGroupName", "DestinationType FilterName LogGroupName"),
            "DeliveryErrors DeliveryThrottling ForwardedBytes ForwardedLogEvents",
        ),
        **_each(
            _sets("LogGroupName"),
            "EMFParsingErrors EMFValidationErrors TransformationErrors TransformedBytes",
            "TransformedLogEvents",
        ),
    },
    "AWS/SNS": {
        **_each(
            _sets("TopicName"),
            "NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed",
            "NumberOfNotificationsFailedToRedriveToDlq NumberOfNotificationsFilteredOut",
            "NumberOfNotificationsFilteredOut-InvalidAttributes",
            "NumberOfNotificationsFilteredOut-InvalidMessageBody",
            "NumberOfNotificationsFilteredOut-MessageAttributes",
            "NumberOfNotificationsFilteredOut-MessageBody",
            "NumberOfNotificationsFilteredOut-NoMessageAttributes",
            "NumberOfNotificationsRedrivenToDlq PublishSize",
        ),
        **_each(
            _sets("PhoneNumber"),
            "PhoneNumberDirect",
        ),
        **_each(
            _sets(""),
            "SMSMonthToDateSpentUSD",
        ),
        **_each(
            _sets("Country SMSType"),
            "SMSSuccessRate",
        ),
    },
    "AWS/SQS": {
        **_each(
            _sets("QueueName"),
            "ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible ApproximateNumberOfMessagesVisible",
            "ApproximateAgeOfOldestMessageInQuietGroups",
            "ApproximateNumberOfGroupsWithInflightMessages",
            "ApproximateNumberOfMessagesDelayedInQuietGroups NumberOfDeduplicatedSentMessages",
            "ApproximateNumberOfMessagesNotVisibleInQuietGroups ApproximateNumberOfNoisyGroups",
            "ApproximateNumberOfMessagesVisibleInQuietGroups",
            "NumberOfEmptyReceives NumberOfMessagesDeleted NumberOfMessagesReceived",
            "NumberOfMessagesSent SentMessageSize",
        ),
    },
    "AWS/States": {
        **_each(
            _sets("StateMachineArn", "Alias StateMachineArn", "StateMachineArn Version"),
            "ExecutionThrottled ExecutionTime ExecutionsAborted ExecutionsFailed",
            "ExecutionsRedriven ExecutionsStarted ExecutionsSucceeded ExecutionsTimedOut",
            "RedrivenExecutionsAborted RedrivenExecutionsFailed RedrivenExecutionsSucceeded",
            "RedrivenExecutionsTimedOut",
        ),
        **_each(
            _sets("LambdaFunctionArn"),
            "LambdaFunctionRunTime LambdaFunctionScheduleTime LambdaFunctionTime",
            "LambdaFunctionsFailed LambdaFunctionsScheduled LambdaFunctionsStarted",
            "LambdaFunctionsSucceeded LambdaFunctionsTimedOut",
        ),
        **_each(
            _sets("ServiceIntegrationResourceArn"),
            "ServiceIntegrationRunTime ServiceIntegrationScheduleTime ServiceIntegrationTime",
            "ServiceIntegrationsFailed ServiceIntegrationsScheduled ServiceIntegrationsStarted",
            "ServiceIntegrationsSucceeded ServiceIntegrationsTimedOut",
        ),
        **_each(
            _sets("ActivityArn"),
            "ActivitiesFailed ActivitiesHeartbeatTimedOut ActivitiesScheduled ActivitiesStarted",
            "ActivitiesSucceeded ActivitiesTimedOut ActivityRunTime ActivityScheduleTime",
            "ActivityTime",
        ),
        **_each(
            _sets("ServiceMetric", "APIName", "ServiceMetric StateMachineArn"),
            "ConsumedCapacity ProvisionedBucketSize ProvisionedRefillRate ThrottledEvents",
        ),
        **_each(
            _sets("", "StateMachineArn"),
            "ApproximateMapRunBacklogSize ApproximateOpenExecutionCount ApproximateOpenMapRunCount",
            "OpenExecutionLimit OpenMapRunLimit",
        ),
        **_each(
            _sets("StateMachineArn"),
            "ExpressExecutionBilledDuration ExpressExecutionBilledMemory ExpressExecutionMemory",
        ),
    },
    "AWS/Scheduler": {
        **_each(
            _sets("ScheduleGroup"),
            "InvocationAttemptCount InvocationDroppedCount InvocationThrottleCount",
            "InvocationsFailedToBeSentToDeadLetterCount InvocationsSentToDeadLetterCount",
            "InvocationsSentToDeadLetterCount_Truncated_MessageSizeExceeded TargetErrorCount",
            "TargetErrorThrottledCount",
        ),
    },
}
