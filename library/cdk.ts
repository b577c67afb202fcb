/** Constructs of the CDK, `import … from 'landfall/cdk'`: see docs/aws.md. */
export type { DeployOptions } from '../infra/deploy/deploy-worker.ts';
export { KindDeploy, type KindDeployProps } from '../infra/deploy/kind-deploy.ts';
export type { Wanted } from '../infra/deploy/subscription-pattern.ts';
export { EcrEventForwarder, type EcrEventForwarderProps } from '../infra/ecr/ecr-event-forwarder.ts';
export type { EndpointKind } from '../infra/endpoint/endpoint-kind.ts';
export { Landfall } from '../infra/landfall.ts';
export type {
  BoundSecret,
  KubectlLayer,
  LandfallProps,
  NotifyReach,
  PlacedNotifySecret,
  Reach,
} from '../infra/landfall-props.ts';
export { LandfallStack, type LandfallStackProps } from '../infra/landfall-stack.ts';
export { FixedEgress } from '../infra/network/fixed-egress.ts';
export type { NetworkProps } from '../infra/network/network-props.ts';
export { ReceivingBus, type ReceivingBusProps } from '../infra/receiving-bus.ts';
export { SiteDeploy, type SiteDeployProps } from '../infra/site-deploy.ts';
export {
  SWITCH_RESPONSE_CODE,
  type SwitchedSite,
  switchRequestCode,
} from '../infra/site-switch-functions.ts';
export { Subscription, type SubscriptionProps } from '../infra/subscription.ts';
export { CodePipelineTarget, type CodePipelineTargetProps } from '../infra/target/code-pipeline-target.ts';
export { EventBusTarget } from '../infra/target/event-bus-target.ts';
export { SnsTarget } from '../infra/target/sns-target.ts';
export { SqsTarget } from '../infra/target/sqs-target.ts';
export { StepFunctionsTarget } from '../infra/target/step-functions-target.ts';
export type { TargetProps } from '../infra/target/target-rule.ts';
