import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBus, IEventBus } from 'aws-cdk-lib/aws-events';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { SharedSettings } from './function/shared-settings.ts';

/** What subscriptions and deploys know of a Landfall, which builds those of its documents itself. */
export abstract class LandfallConstruct extends Construct {
  abstract readonly bucket: Bucket;
  abstract readonly bus: EventBus;
  /** What its alarms do, and by default those of subscriptions and deploys, too. */
  abstract readonly alarmActions: readonly IAlarmAction[];
  /** What its functions have alike, and by default those of deploys. */
  abstract readonly settings: SharedSettings;
  /** Lets a deploy's role put events on the bus and change ledgers; one of another stack is also named under `emitters`. */
  abstract grantEmit(role: IRole): void;
  /** Takes a role out of what the policies of bus and store deny to others; it grants nothing. */
  abstract admitDeploy(role: IRole): void;
}

/** The Landfall whose bus it is, where that is known. */
export const landfallOf = ({ node }: EventBus | IEventBus): LandfallConstruct | undefined =>
  node.scope instanceof LandfallConstruct ? node.scope : undefined;
