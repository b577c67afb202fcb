import { Duration, Stack } from 'aws-cdk-lib';
import type { Alarm, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBus, IEventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { DEPLOY_VARIABLE } from '../../functions/lambda/deploy-settings.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { checkPath } from '../../shared/store/object-key.ts';
import { failedAlarm } from '../alarms.ts';
import { LandfallFunction } from '../function/landfall-function.ts';
import { type SharedSettings, settingsOf } from '../function/shared-settings.ts';
import { LandfallConstruct } from '../landfall-construct.ts';
import type { KubectlLayer } from '../landfall-props.ts';
import { networkOf } from '../network/network.ts';
import type { NetworkProps } from '../network/network-props.ts';
import type { Permission } from '../permission.ts';
import { patientVisibility } from '../queues.ts';
import { Subscription } from '../subscription.ts';
import { type AnyBucket, deployPermissions, type LedgerBucket } from './deploy-permissions.ts';
import { lookByTime } from './look-by-time.ts';
import { NAME, parseSource } from './subscription-pattern.ts';

/** What every deploy on AWS has, whatever it deploys to. */
export interface DeployOptions extends NetworkProps, SharedSettings {
  /** Landfall itself, or what another stack or account knows of it: its bus (in another account the one its events are forwarded to) and the bucket of its store. */
  readonly landfall: LandfallConstruct | { readonly bus: EventBus | IEventBus; readonly bucket: AnyBucket };
  /** What it is called in events, in `landfall get deploys` and in its ledger: no other deploy of the store has it. */
  readonly name: string;
  /** `namespace/name`, or a name in `default`. */
  readonly source: string;
  /** Only this folder of the artifact, and only when something in it changed. Default: all. */
  readonly path?: string;
  /** The account Landfall is in, where that is another. Then `books` is required. */
  readonly account?: string;
  /** Where it keeps what it has applied. Default: in Landfall's store, where `landfall get deploys` sees it. */
  readonly books?: { readonly bucket: AnyBucket; readonly prefix?: string };
  /** The bus that is told how it went. Default: Landfall's; in another account none. */
  readonly report?: EventBus | IEventBus;
  /** How often it looks whether what is current is applied, should an event be lost. Default 15 minutes. */
  readonly lookEvery?: Duration;
  /** Of its role. A name is needed where Landfall, in another stack, lets it emit: `emitters`. */
  readonly roleName?: string;
  /** Of one try. Default 5 minutes. */
  readonly timeout?: Duration;
  /** MB. Default 512. */
  readonly memorySize?: number;
  /** For a deploy into a cluster of Kubernetes. Default: none. */
  readonly kubectl?: KubectlLayer | undefined;
  /** Tries before an event is a dead letter. Default 5. */
  readonly tries?: number;
  /** Keys of KMS that a bucket which is only known by its name is encrypted with: ARNs. */
  readonly keyArns?: readonly string[];
  /** Default: those of `landfall`, where that is the construct. */
  readonly alarmActions?: readonly IAlarmAction[];
}

export interface DeployWorkerProps extends DeployOptions {
  /** The module in functions/lambda. */
  readonly module: string;
  readonly description: string;
  /** What the kind of deploy is told beside what all are. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the kind of deploy may do beside what all may. */
  readonly permissions: readonly Permission[];
  /** Buckets of its own that it writes to. */
  readonly written: readonly AnyBucket[];
  /** It is many deploys, whose names match this: `podinfo.*`. Default: one, by its name. */
  readonly members?: string;
}

const TIMEOUT = Duration.minutes(5);
/** SQS feeds a function from two pollers at least; the lease keeps the second out. */
const CONCURRENCY = 2;

const TRIES = 5;

/** Its own, else those of the Landfall it is given. */
const actionsOf = ({ alarmActions, landfall }: DeployOptions): readonly IAlarmAction[] =>
  alarmActions ?? (landfall instanceof LandfallConstruct ? landfall.alarmActions : []);

const ownSettings = ({ landfall, ...own }: DeployOptions): SharedSettings =>
  settingsOf(own, landfall instanceof LandfallConstruct ? landfall.settings : {});

const invalid = (why: string, hint: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', why, { hint });

/** A folder with a slash behind it, or nothing. @throws LandfallError CONFIG_INVALID */
export function folderPrefix(what: string, text = ''): string {
  const prefix = text.replace(/\/$/, '');
  if (prefix === '') return '';
  checkFolder(what, prefix);
  return `${prefix}/`;
}

/** @throws LandfallError CONFIG_INVALID */
function checkFolder(what: string, path: string): void {
  try {
    checkPath(path);
  } catch (cause) {
    const hint = 'Write a folder such as apps/web, without a slash in front.';
    throw new LandfallError('CONFIG_INVALID', `${what} ${JSON.stringify(path)} is no folder`, {
      cause,
      hint,
    });
  }
}

function checkOptions({ name, path, account, books }: DeployOptions): void {
  if (!name.split('.').every((part) => NAME.test(part)))
    throw invalid(`deploy ${JSON.stringify(name)}: wanted a-z, 0-9 and -`, 'Write site.');
  if (path !== undefined) checkFolder(`deploy ${name}: path`, path);
  if (account !== undefined && books === undefined) {
    const why = `deploy ${name}: Landfall's store is another account's, which lets nobody write to it`;
    throw invalid(why, 'Give a bucket of this account as books.');
  }
}

function ledgerBucketOf({ landfall, books }: DeployOptions): LedgerBucket {
  if (books === undefined) return { bucket: landfall.bucket, prefix: '' };
  return { bucket: books.bucket, prefix: folderPrefix('prefix of books', books.prefix) };
}

/** A subscription, a function that deploys what it tells of, a schedule behind it, and alarms. */
export class DeployWorker extends Construct {
  readonly subscription: Subscription;
  readonly function: LandfallFunction;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: DeployWorkerProps) {
    super(scope, id);
    checkOptions(props);
    const { landfall, name, source, path, account, timeout = TIMEOUT } = props;
    const settings = ownSettings(props);
    const { encryptionKey } = settings;
    this.subscription = new Subscription(this, 'Subscription', {
      bus: landfall.bus,
      source,
      timeout,
      ...(path !== undefined && { path }),
      ...(account !== undefined && { account }),
      // It sends back what failed by itself: this is for what was killed or throttled.
      retryAfter: patientVisibility(timeout),
      tries: props.tries ?? TRIES,
      alarmActions: actionsOf(props),
      encryptionKey,
    });
    const report = props.report ?? (account === undefined ? landfall.bus : undefined);
    const books = ledgerBucketOf(props);
    const { permissions, written } = props;
    const keyArns = [
      ...(props.keyArns ?? []),
      ...(encryptionKey === undefined ? [] : [encryptionKey.keyArn]),
    ];
    const { members } = props;
    const of = { deploy: members ?? name, source: parseSource(source) };
    const access = { store: landfall.bucket, books, ...of, keyArns };
    this.function = new LandfallFunction(this, 'Function', {
      module: props.module,
      description: props.description,
      timeout,
      memorySize: props.memorySize ?? 512,
      ...settings,
      network: networkOf(props),
      kubectl: props.kubectl,
      environment: this.#environment(props, books, report),
      permissions: [...deployPermissions(access, written), ...permissions],
      ...(props.roleName !== undefined && { roleName: props.roleName }),
    });
    if (landfall instanceof LandfallConstruct) landfall.admitDeploy(this.function.role);
    if (report !== undefined) this.#letEmit(report, landfall);
    this.subscription.deliverTo(this.function.lambda, { concurrency: CONCURRENCY });
    lookByTime(this, name, this.subscription, props.lookEvery);
    const metered = {
      bucket: landfall.bucket.bucketName,
      deploy: name,
      source: members === undefined ? formatSourceId(parseSource(source)) : undefined,
    };
    this.alarms = [...this.subscription.alarms, failedAlarm(this, metered, actionsOf(props))];
  }

  #environment(
    { landfall, name, source, path, settings }: DeployWorkerProps,
    books: LedgerBucket,
    report: EventBus | IEventBus | undefined,
  ): Readonly<Record<string, string>> {
    const told = {
      name,
      stack: Stack.of(this).stackName,
      source: parseSource(source),
      ...settings,
      ...(path !== undefined && { path }),
      books: { bucket: books.bucket.bucketName, prefix: books.prefix },
    };
    return {
      LANDFALL_BUCKET: landfall.bucket.bucketName,
      LANDFALL_QUEUE_URL: this.subscription.queue.queueUrl,
      ...(report !== undefined && { LANDFALL_BUS: report.eventBusArn }),
      [DEPLOY_VARIABLE]: Stack.of(this).toJsonString(told),
    };
  }

  /** A Landfall of another stack cannot name this role without each stack needing the other: it is told by `emitters`. */
  #letEmit(report: EventBus | IEventBus, landfall: DeployOptions['landfall']): void {
    const isOwn = landfall instanceof LandfallConstruct && report === landfall.bus;
    if (isOwn && Stack.of(landfall) === Stack.of(this)) landfall.grantEmit(this.function.role);
    else this.function.allow({ actions: ['events:PutEvents'], resources: [report.eventBusArn] });
  }
}
