import type { TemplateSource } from './template/stack-template.ts';

/** As DescribeStacks tells it. */
export interface StackView {
  readonly id: string;
  readonly status: string;
  readonly reason: string;
  /** ARN of the change set that was executed last; undefined where none was, or somebody went without. */
  readonly changeSetId: string | undefined;
  readonly isProtected: boolean;
  /** Secret ones are told as asterisks. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly roleArn: string | undefined;
  /** Of the last time somebody looked for drift. */
  readonly hasDrifted: boolean;
}

export interface ResourceChange {
  /** `Add`, `Modify`, `Remove`, … */
  readonly action: string;
  readonly logicalId: string;
  readonly type: string;
  readonly replacement: 'True' | 'False' | 'Conditional' | undefined;
  /** What is done with the old one: `Delete`, `Retain`, `Snapshot`, … */
  readonly policy: string | undefined;
}

export interface ChangeSetView {
  readonly id: string;
  readonly stackId: string;
  readonly status: string;
  readonly reason: string;
  readonly executionStatus: string;
  readonly changes: readonly ResourceChange[];
}

export interface NewChangeSet {
  readonly type: 'CREATE' | 'UPDATE';
  readonly stack: string;
  readonly name: string;
  readonly template: TemplateSource;
  /** `keep`: as the stack has it. */
  readonly parameters: readonly { readonly name: string; readonly value: string | { readonly keep: true } }[];
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly roleArn: string;
  readonly description: string;
  readonly revertDrift: boolean;
}

/** One line of what a stack tells of itself. */
export interface StackEventView {
  readonly id: string;
  readonly stackId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly status: string;
  readonly reason: string;
  /** Of whoever asked for it. */
  readonly token: string | undefined;
}

/** Change sets, by ARN once there is one. Every call throws as `AwsAccess.call`. */
export interface ChangeSets {
  /** Taken again with the same name it comes to the same. */
  create(changeSet: NewChangeSet): Promise<{ readonly id: string; readonly stackId: string }>;
  /** With all its pages. */
  describe(id: { readonly name: string; readonly stack?: string }): Promise<ChangeSetView>;
  execute(id: string, token: string): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Stacks, by name or id. */
export interface Stacks {
  /** Undefined: there is none. */
  describe(name: string): Promise<StackView | undefined>;
  /** As it was sent. */
  template(name: string): Promise<string>;
  /** Turns an update back that is under way. */
  cancel(id: string, token: string): Promise<void>;
  remove(id: string, options: { readonly roleArn: string; readonly token: string }): Promise<void>;
}

export interface StackEvents {
  /** Newest first, page by page. */
  ofStack(id: string): AsyncIterable<readonly StackEventView[]>;
  /** What was wrong with a change set, in full: it has a permission of its own. */
  ofChangeSet(id: string): Promise<readonly string[]>;
}

/** CloudFormation as a deploy needs it. */
export interface CloudFormation {
  readonly changeSets: ChangeSets;
  readonly stacks: Stacks;
  readonly events: StackEvents;
}
