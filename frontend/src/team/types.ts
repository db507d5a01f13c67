// The answers and bodies of the workspace's API. Written from graphlink/team/answers by
// `python -m tests.test_workspace_schema`: change those, not this file.

/** Rows of a table from an offset on. */
export interface Page<R> {
  rows: R[];
  total: number;
  offset: number;
  limit: number;
}

/** An account of a decision. */
export interface AccountBody {
  account_id: string;
}

/** An event of the audit log. */
export interface Activity {
  /** Its number. */
  seq: number;
  /** ISO 8601 in UTC. */
  at: string;
  /** Who did it. */
  by: string;
  /** In which role. */
  role: string;
  /** What was done, such as case.comment. */
  action: string;
  /** To what, such as case 3. */
  subject: string;
  /** The same in words, with what people wrote for readers who may see it. */
  text: string;
  /** What people wrote and chose; empty for others. */
  payload: Record<string, unknown>;
}

/** Events, the newest first. */
export interface ActivityList {
  rows: Activity[];
  total: number | null;
  limit: number;
  next: string | null;
}

/** An alert about a lineage. */
export interface AlertRow {
  /** Its number. */
  number: number;
  /** born, grown, regrown, merged or returned. */
  rule: string;
  /** The lineage; empty for none. */
  lineage: string;
  /** The run that raised it first. */
  first_run: string;
  /** The run that raised it last. */
  last_run: string;
  /** How often it was raised. */
  n_raised: number;
  /** Accounts when it was raised last. */
  n_accounts: number;
  /** open, dismissed or closed. */
  state: string;
  /** The case that it went into. */
  case: number | null;
}

/** Who is to work on a case; empty for nobody. */
export interface AssignBody {
  to: string;
}

/** An audit log that is as it was written. */
export interface AuditAnswer {
  /** Events in it. */
  n_events: number;
  /** Payloads that were erased since. */
  n_forgotten: number;
  /** The hash of the last event, to be kept elsewhere. */
  last_hash: string;
}

/** A case with what was done about it. */
export interface CaseAnswer {
  /** The case. */
  case: CaseRow;
  /** What was done about it, in order: the newest events, up to 100. */
  activity: Activity[];
  /** What `after` is for the events before these; null where there are none. */
  earlier: string | null;
  /** Its decisions. */
  decisions: DecisionRow[];
  /** Statuses that people may set now. */
  next_statuses: string[];
  /** The reader's own last event about it; 0 without one. What follows is news to the reader. */
  last_own: number;
  /** Events of others since that one. */
  n_news: number;
}

/** Cases. */
export interface CaseList {
  rows: CaseRow[];
  total: number | null;
  limit: number;
  next: string | null;
}

/** A case. */
export interface CaseRow {
  /** Its number. */
  number: number;
  /** Its title. */
  title: string;
  /** new, open, proposed, approved, exported, watching or closed. */
  status: string;
  /** Why it was closed: acted, honest, too little or duplicate; empty while it is not. */
  resolution: string;
  /** Who works on it; empty for nobody. */
  assignee: string;
  /** high, normal or low. */
  priority: string;
  /** What it is about. */
  lineages: LineageName[];
  /** The rules that were raised about it, in order. */
  alerts: string[];
  /** The case that goes on with it. */
  merged_into: number | null;
  /** Other cases that it has to do with. */
  linked: number[];
  /** Comments. */
  n_comments: number;
  /** When it was opened, ISO 8601 in UTC. */
  opened_at: string;
  /** When it was changed last. */
  changed_at: string;
  /** For If-Match. */
  version: number;
}

/** A comment. */
export interface CommentBody {
  text: string;
}

/** The refusal of a change of what is no longer as it was read. */
export interface Conflict {
  /** What is wrong. */
  error: Record<string, string>;
  /** The version now. */
  version: number;
  /** What happened since the version that was given. */
  changes: Activity[];
}

/** What somebody should look at again: labels, then decisions, the oldest first. */
export interface ConflictList {
  rows: ConflictRow[];
  total: number | null;
  limit: number;
  next: string | null;
}

/** A label or decision that somebody should look at again. */
export interface ConflictRow {
  /** label 3 or D-1. */
  about: string;
  /** What it is about, in words. */
  subject: string;
  /** Why: contradicted, against the evidence, expired, reviewed differently, and others. */
  kind: string;
  /** The same as a sentence. */
  detail: string;
  /** Who made or proposed it. */
  by: string;
  /** The account of a label; empty for an identifier or a decision. */
  account: string;
  /** The other account of a pair. */
  other: string;
  /** The case of a decision; null of a label. */
  case: number | null;
}

/** An account of a decision. */
export interface DecisionAccount {
  /** The account. */
  account_id: string;
  /** core or fringe. */
  role: string;
  /** Probability that it belongs to the cluster. */
  probability: number | null;
}

/** A decision with its evidence in short. */
export interface DecisionAnswer {
  /** The decision. */
  decision: DecisionRow;
  /** Its accounts. */
  accounts: DecisionAccount[];
  /** What else it hits, in sentences, as of the proposal. */
  collateral: string[];
  /** What changed of its accounts since the proposal, in sentences. */
  changes: string[];
  /** Whether the reader is to state an own verdict before the proposal is shown. */
  may_review: boolean;
  /** Whether the reader may approve or reject it now. */
  may_decide: boolean;
  /** What second persons stated before they saw the proposal. */
  reviews: ReviewRow[];
}

/** Decisions, the newest first. */
export interface DecisionList {
  rows: DecisionRow[];
  total: number | null;
  limit: number;
  next: string | null;
}

/** What a second person would do, who has not seen what is proposed. */
export interface DecisionReviewBody {
  action: "close" | "nothing" | "restrict" | "suspend" | "verify";
  why: string;
}

/** A decision. */
export interface DecisionRow {
  /** Its number, the 3 of D-3. */
  number: number;
  /** The case. */
  case: number;
  /** The lineage that its accounts are of. */
  lineage: string;
  /** close, suspend, restrict or verify; empty while it waits for the reader's own verdict. */
  action: string;
  /** proposed, approved, rejected or withdrawn. */
  state: string;
  /** Accounts that it is about. */
  n_accounts: number;
  /** The reason of the proposal. */
  why: string;
  /** Who proposed it. */
  proposed_by: string;
  /** When, ISO 8601 in UTC. */
  proposed_at: string;
  /** Who approved, rejected or withdrew it; empty before. */
  decided_by: string;
  /** When. */
  decided_at: string;
  /** The reason of that. */
  decided_why: string;
  /** How often it was exported. */
  n_exports: number;
  /** Whether it waits for the reader's own verdict, and shows neither action nor reason before. */
  is_blind: boolean;
  /** For If-Match. */
  version: number;
}

/** A change that was made. */
export interface Done {
  /** The number of what was made or changed. */
  number: number;
  /** Its version now, for the next If-Match. */
  version: number;
}

/** The file of an approved decision. */
export interface ExportAnswer {
  /** A name for the file. */
  name: string;
  /** Its text. */
  content: string;
  /** SHA-256 of the text in UTF-8. */
  sha256: string;
  /** Which export it is; from the second on, somebody may have acted on it already. */
  n_exports: number;
  /** The version of the decision now. */
  version: number;
}

/** A format. */
export interface ExportBody {
  form?: "csv" | "json" | "stix";
}

/** What is known of an organisation. */
export interface FactBody {
  /** account, network, hint, or a kind of identifier. */
  what: string;
  /** The account, network or value. */
  value: string;
  /** Who says so. */
  source: string;
  /** 0 to 1. */
  confidence?: number;
  /** What was seen. */
  note?: string;
  /** Whether the organisation is openly a customer; null leaves that as it is. */
  is_declared?: boolean | null;
}

/** What is known of an organisation. */
export interface FactRow {
  /** Its number. */
  number: number;
  /** account, network, hint, or a kind of identifier. */
  what: string;
  /** The account, network or value. */
  value: string;
  /** Who says so. */
  source: string;
  /** Probability that it is right. */
  confidence: number;
  /** From when on it no longer holds; empty without an end. */
  until_at: string;
  /** What was seen. */
  note: string;
  /** Who added it. */
  by: string;
  /** When. */
  at: string;
}

/** What went wrong. */
export interface Fault {
  code: string;
  message: string;
}

/** A label on two accounts, on an account and a lineage, or on an identifier. */
export interface LabelBody {
  /** One operator, or of an identifier exclusive to one. */
  verdict: "no" | "unsure" | "yes";
  /** The reason. */
  why: string;
  /** An account. */
  account?: string;
  /** The other account of a pair. */
  other?: string;
  /** The lineage, such as K-417. */
  lineage?: string;
  /** The kind of an identifier. */
  kind?: string;
  /** Its value. */
  value?: string;
  /** Until when it holds, such as 2027-01-31; empty for the days of the policy. */
  until?: string;
  /** Whether a second person is to review it, to whom the verdict is not shown before. */
  second?: boolean;
}

/** Labels, the newest first. */
export interface LabelList {
  rows: LabelRow[];
  total: number | null;
  limit: number;
  next: string | null;
}

/** A second person's own verdict on a label. */
export interface LabelReviewBody {
  verdict: "no" | "unsure" | "yes";
  why: string;
}

/** A label. */
export interface LabelRow {
  /** Its number. */
  number: number;
  /** An account; empty for an identifier. */
  account: string;
  /** The other account of a pair. */
  other: string;
  /** The lineage that the account belongs to or not; empty for none. */
  lineage: string;
  /** The kind of an identifier. */
  kind: string;
  /** Its value. */
  value: string;
  /** yes, no or unsure; empty while it waits for the reader's own. */
  verdict: string;
  /** Who made it. */
  by: string;
  /** When, ISO 8601 in UTC. */
  at: string;
  /** The reason. */
  why: string;
  /** Until when it holds. */
  expires_at: string;
  /** Whether runs obey it now. */
  is_in_force: boolean;
  /** Who withdrew it; empty while nobody did. */
  withdrawn_by: string;
  /** Whether it waits for the reader's own verdict, and shows neither verdict nor reason before. */
  is_blind: boolean;
  /** What a second person stated; null without one. */
  review: ReviewRow | null;
  /** For If-Match. */
  version: number;
}

/** A lineage from run to run. */
export interface LineageAnswer {
  /** Such as K-417. */
  name: string;
  /** The lineage that it was merged into in the end; itself if in none. */
  goes_on_as: string;
  /** Whether the last accepted run has a cluster of it. */
  is_present: boolean;
  /** The cluster of what it goes on as in the last accepted result; null if that has none. */
  cluster_id: string | null;
  /** The runs that had a cluster of it, in order. */
  stages: StageRow[];
  /** What became of it, in sentences, in order. */
  events: string[];
  /** The cases about it. */
  cases: number[];
}

/** A lineage and its cluster. */
export interface LineageName {
  /** Such as K-417. */
  name: string;
  /** Its cluster in the last accepted result; null if that has none. */
  cluster_id: string | null;
  /** The accounts of that cluster. */
  n_accounts: number | null;
  /** Probability that one organisation operates it and conceals it. */
  p_same_operator: number | null;
}

/** A lineage that the last accepted run has. */
export interface LineageRow {
  /** Such as K-417. */
  name: string;
  /** Its cluster. */
  cluster_id: string;
  /** The case about it; null for none. */
  case: number | null;
}

/** Who the reader is here. */
export interface Me {
  /** The name that changes carry. */
  name: string;
  /** The roles. */
  roles: string[];
  /** What they allow. */
  rights: string[];
  /** How the reader is known: local (this machine's user), proxy, token or sign_in. */
  way: "local" | "proxy" | "sign_in" | "token";
  /** The redaction profile through which values are seen; empty for plain ones. */
  profile: string;
}

/** A case to merge the one of the path into. */
export interface MergeBody {
  /** The number of the case that goes on with the lineages of both. */
  into: number;
  /** The version under which that one was read. */
  into_version: number;
  /** The reason. */
  why: string;
}

/** An empty object. */
export interface NoBody {
}

/** An account that is or may be a return, or that holds reported values. */
export interface NoticedRow {
  /** The account. */
  account_id: string;
  /** The decision, such as D-3, or who reports its values. */
  source: string;
  /** The lineage of the decision; empty of a report. */
  lineage: string;
  /** named or possible. */
  state: string;
  /** How it was noticed: run, watch_list, watch_list_cluster or indicators. */
  road: string;
  /** Probability that it is a return, or whom the source reports. */
  probability: number;
  /** When it was opened; empty of an older account. */
  opened_at: string;
  /** Its cluster in the last accepted result. */
  cluster_id: string | null;
  /** By what it was noticed. */
  sentences: string[];
}

/** A case to open. */
export interface OpenCaseBody {
  /** Its title. */
  title: string;
  /** What it is about, such as K-417. */
  lineages?: string[];
  /** high, normal or low. */
  priority?: "high" | "low" | "normal";
}

/** A known organisation. */
export interface OrganisationRow {
  /** Its name. */
  name: string;
  /** Whether it is openly a customer. */
  is_declared: boolean;
  /** What is known of it, what holds no longer too. */
  facts: FactRow[];
  /** For If-Match. */
  version: number;
}

/** What became of an appeal. */
export interface OutcomeBody {
  account_id: string;
  outcome: "overturned" | "upheld";
  why: string;
}

/** The last accepted run, and how much there is to do. */
export interface OverviewAnswer {
  /** The name of its folder. */
  workspace: string;
  /** The last accepted run, such as R-12; empty before the first. */
  run: string;
  /** The last observation of that run, ISO 8601 in UTC. */
  data_until: string;
  /** Lineages. */
  n_lineages: number;
  /** Alerts that nobody closed. */
  n_open_alerts: number;
  /** Cases to work on that are the reader's. */
  n_mine: number;
  /** Those that are nobody's. */
  n_unassigned: number;
  /** Proposals that wait for a second person who is not the one who proposed them. */
  n_to_decide: number;
  /** Accounts that are named as returns. */
  n_back: number;
}

/** A priority. */
export interface PriorityBody {
  priority: "high" | "low" | "normal";
}

/** The facts about one account of a decision, for an appeal. */
export interface ProfileAnswer {
  /** The decision, such as D-3. */
  decision: string;
  /** The account. */
  account_id: string;
  /** core or fringe. */
  role: string;
  /** Probability that it belonged to the cluster. */
  probability: number | null;
  /** What the evidence was, in sentences. */
  facts: string[];
  /** What speaks against it. */
  against: string[];
  /** The version of the decision now; the reading is logged. */
  version: number;
}

/** A proposal about the core of a lineage. */
export interface ProposeBody {
  /** What is to be done. */
  action: "close" | "restrict" | "suspend" | "verify";
  /** The reason. */
  why: string;
  /** The lineage, where the case has several. */
  lineage?: string;
  /** Fringe members to take too. */
  fringe?: string[];
  /** Members to leave out. */
  leave_out?: string[];
}

/** How much of a decision is back within some days. */
export interface RateRow {
  /** The decision, such as D-3. */
  decision: string;
  /** Days since its approval that count. */
  days: number;
  /** Accounts of the decision. */
  n_decided: number;
  /** Accounts that came back. */
  n_back: number;
  /** Whether the days are over. */
  is_over: boolean;
}

/** The answer to a request that is refused. */
export interface Refusal {
  error: Fault;
}

/** Who came back, as the last accepted run has it. */
export interface ReturnsAnswer {
  /** Accounts, named ones first. */
  noticed: NoticedRow[];
  /** Return rates of decisions. */
  rates: RateRow[];
}

/** A value to read behind its replaced name. */
export interface RevealBody {
  /** account, or a kind of identifier. */
  kind: string;
  /** The name under which it is shown. */
  name: string;
  /** The reason; it is logged. */
  why: string;
}

/** A value behind its replaced name; the reading is logged. */
export interface Revealed {
  /** account, or a kind of identifier. */
  kind: string;
  /** The name under which it is shown. */
  name: string;
  /** The value. */
  value: string;
}

/** What a second person stated before they saw the first verdict. */
export interface ReviewRow {
  /** Who. */
  by: string;
  /** When, ISO 8601 in UTC. */
  at: string;
  /** yes, no or unsure of a label; an action or nothing of a decision. */
  verdict: string;
  /** The reason. */
  why: string;
  /** Whether it differs from the first one's. */
  is_other: boolean;
}

/** A search to save: the parts of a view's address. */
export interface SearchBody {
  /** What it is called. */
  name: string;
  /** The view, such as queue. */
  view: string;
  /** What is viewed, such as a cluster; empty for a list. */
  subject?: string;
  /** The parameters of the view. */
  query?: Record<string, string>;
}

/** A saved search: the parts of a view's address, which never leads anywhere else. */
export interface SearchRow {
  /** Its number. */
  number: number;
  /** What its owner calls it. */
  name: string;
  /** The view, such as queue. */
  view: string;
  /** What is viewed, such as a cluster; empty for a list. */
  subject: string;
  /** The parameters of the view. */
  query: Record<string, string>;
  /** Who saved it. */
  owner: string;
  /** When, ISO 8601 in UTC. */
  saved_at: string;
  /** Whether the team sees it. */
  is_shared: boolean;
  /** Whether it is the reader's, who may share and delete it. */
  is_own: boolean;
  /** For If-Match. */
  version: number;
}

/** Lineages to split off into a case of their own. */
export interface SplitBody {
  /** Which, such as K-417; some of the case's, not all. */
  lineages: string[];
  /** The title of the new case. */
  title: string;
}

/** A lineage in one run. */
export interface StageRow {
  /** The run, such as R-12. */
  run: string;
  /** The last observation of the run, ISO 8601 in UTC; empty without times. */
  data_until: string;
  /** What became of it: born, same, grown, shrunk, merged, split, regrown and others. */
  change: string;
  /** Accounts of its cluster. */
  n_accounts: number;
  /** Accounts that joined since the run before. */
  n_joined: number;
  /** Accounts that left. */
  n_left: number;
  /** Probability that one organisation operates them and conceals it. */
  p_same_operator: number | null;
}

/** A status. */
export interface StatusBody {
  /** The status. */
  status: "closed" | "open" | "watching";
  /** The reason. */
  why: string;
  /** Of a case that is closed: acted, honest, too little or duplicate. */
  resolution?: "" | "acted" | "duplicate" | "honest" | "too little";
}

/** A token, without its secret. */
export interface TokenRow {
  /** Its number. */
  number: number;
  /** What it is for. */
  title: string;
  /** Who acts by it. */
  person: string;
  /** Its role. */
  role: string;
  /** Who made it. */
  made_by: string;
  /** When, ISO 8601 in UTC. */
  made_at: string;
  /** When it ends. */
  expires_at: string;
  /** When it was revoked; empty while it was not. */
  revoked_at: string;
  /** Whether it opens anything now. */
  is_valid: boolean;
  /** For If-Match. */
  version: number;
}

/** A value on the watch list. */
export interface WatchRow {
  /** Its number. */
  number: number;
  /** Its kind. */
  kind: string;
  /** The value; empty where it was erased. */
  value: string;
  /** The decision, such as D-3, or who reports it. */
  source: string;
  /** Probability that a new holder is whom it is watched for. */
  weight: number;
  /** Accounts of the decision that held it. */
  n_members: number;
  /** Other accounts that hold it. */
  n_others: number;
  /** When it was held last, or since when the report holds. */
  from_at: string;
  /** When the watch ends; empty without an end. */
  until_at: string;
  /** Why it is not watched at present; empty while it is. */
  not_watched: string;
}

/** A reason. */
export interface WhyBody {
  why: string;
}
