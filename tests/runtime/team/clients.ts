/** One call with a client of each service; the answer names what cannot be called. */

import { lookup } from "node:dns";
import { Agent } from "node:http";
import { ACMClient, ListCertificatesCommand } from "@aws-sdk/client-acm";
import { BedrockRuntimeClient, InvokeModelCommand } from "@aws-sdk/client-bedrock-runtime";
import {
  CognitoIdentityProviderClient,
  ListUserPoolsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListJobsCommand, S3ControlClient } from "@aws-sdk/client-s3-control";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ListIdentitiesCommand, SESClient } from "@aws-sdk/client-ses";
import { ListStateMachinesCommand, SFNClient } from "@aws-sdk/client-sfn";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { NodeHttpHandler } from "@smithy/node-http-handler";

// The stand-in speaks HTTP/1.1 alone, and some put an account before the name of the endpoint.
const httpAgent = new Agent({ lookup: (_, ...more) => lookup("127.0.0.1", ...more) });
const own = { requestHandler: new NodeHttpHandler({ httpAgent }) };

const calls = {
  acm: () => new ACMClient(own).send(new ListCertificatesCommand()),
  bedrock: () => new BedrockRuntimeClient(own).send(new InvokeModelCommand({ modelId: "m" })),
  cognito: () =>
    new CognitoIdentityProviderClient(own).send(new ListUserPoolsCommand({ MaxResults: 1 })),
  dynamodb: () => new DynamoDBClient(own).send(new ListTablesCommand()),
  events: () => new EventBridgeClient(own).send(new PutEventsCommand({ Entries: [] })),
  iot: () => new IoTDataPlaneClient(own).send(new PublishCommand({ topic: "t" })),
  kinesis: () => new KinesisClient(own).send(new ListStreamsCommand()),
  lambda: () => new LambdaClient(own).send(new ListFunctionsCommand()),
  s3: () => new S3Client(own).send(new ListBucketsCommand()),
  s3control: () =>
    new S3ControlClient(own).send(new ListJobsCommand({ AccountId: "1" })),
  secretsmanager: () => new SecretsManagerClient(own).send(new ListSecretsCommand()),
  ses: () => new SESClient(own).send(new ListIdentitiesCommand()),
  sfn: () => new SFNClient(own).send(new ListStateMachinesCommand()),
  sns: () => new SNSClient(own).send(new ListTopicsCommand()),
  sqs: () => new SQSClient(own).send(new ListQueuesCommand()),
  ssm: () => new SSMClient(own).send(new DescribeParametersCommand()),
};

export async function handler(): Promise<Record<string, string>> {
  const dead: Record<string, string> = {};
  for (const [service, call] of Object.entries(calls)) {
    try {
      await call();
    } catch (error) {
      dead[service] = String(error);
    }
  }
  return dead;
}
