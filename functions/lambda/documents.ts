import { env } from 'node:process';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../shared/aws/request/json.ts';
import { s3ObjectStore } from '../../shared/aws/s3/object-store.ts';
import { environmentRoot } from '../../shared/aws/s3/root.ts';
import { systemClock } from '../../shared/clock.ts';
import { asLandfallError, LandfallError } from '../../shared/errors.ts';
import { BACKOFF, backoffMs } from '../../shared/kernel/backoff.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { failureFields } from '../report.ts';
import { type DeployDocumentsDeps, deployDocuments } from './deploys/deploy-documents.ts';
import { type InvocationContext, startInvocation } from './invocation.ts';
import { lambdaLog } from './lambda-log.ts';
import { answerStack } from './work/stack-answer.ts';

/** One a stack; a new one would have the old one deleted, with the documents it had put. */
const PHYSICAL_ID = 'landfall-documents';

/** After 1, 2, 4, 8, 8 and 8 seconds: half a minute together. */
const DENIALS = 6;

type Properties = Readonly<Record<string, unknown>>;

const namesIn = ({ names }: Properties): readonly string[] =>
  Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];

/** What is to be there, and the names of what was. */
function changeOf(event: CloudFormationCustomResourceEvent): Parameters<typeof deployDocuments>[0] {
  const properties: Properties = event.ResourceProperties;
  if (event.RequestType === 'Delete') return { now: undefined, before: namesIn(properties) };
  const { bucket, key } = properties;
  if (typeof bucket !== 'string' || typeof key !== 'string') {
    throw new LandfallError('CONFIG_INVALID', 'documents of the stack: bucket and key are not both texts');
  }
  return {
    now: { names: namesIn(properties), bucket, key },
    before: event.RequestType === 'Update' ? namesIn(event.OldResourceProperties) : [],
  };
}

/** IAM may not have heard yet of what the stack has just allowed: for about half a minute that is no answer. */
async function onceAllowed(run: () => Promise<void>, { signal }: CallOptions): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (asLandfallError(error).code !== 'STORE_DENIED' || attempt > DENIALS) throw error;
      await systemClock.sleep(backoffMs(BACKOFF.stackAllowed, attempt), signal);
    }
  }
}

async function deploy(event: CloudFormationCustomResourceEvent, { signal }: CallOptions): Promise<void> {
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const clock = systemClock;
  const objectsOf = (name: string) => s3ObjectStore(environmentRoot({ bucket: name, region, env }, clock));
  const client = createJsonClient({ region, credentials: environmentCredentials(env), clock, env });
  const queue = sqsQueue({ queueUrl, client, clock });
  const deps: DeployDocumentsDeps = {
    objects: objectsOf(bucket),
    assetsOf: objectsOf,
    announce: (options) => queue.documents(options),
    signal,
  };
  await onceAllowed(() => deployDocuments(changeOf(event), deps), { signal });
}

/** CloudFormation's custom resource of a stack's documents. */
export async function handler(
  event: CloudFormationCustomResourceEvent,
  context: InvocationContext,
): Promise<void> {
  using deadline = startInvocation(context);
  const log = lambdaLog();
  const answer = { physicalResourceId: PHYSICAL_ID };
  try {
    await deploy(event, deadline);
    await answerStack(event, { status: 'SUCCESS', ...answer }, { clock: systemClock });
  } catch (error) {
    const failure = asLandfallError(error);
    const { message, hint } = failure;
    log('error', 'documents of the stack', { request: event.RequestType, ...failureFields(failure) });
    // A stack that cannot be deleted for the sake of a document is worse than a document that stays.
    const status = event.RequestType === 'Delete' ? 'SUCCESS' : 'FAILED';
    const reason = [message, hint].filter((part) => part !== undefined).join(' ');
    await answerStack(event, { status, ...answer, reason }, { clock: systemClock });
  }
}
