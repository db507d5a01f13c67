// The answers of the explorer's API. Written from graphlink/explorer/answers by
// `python -m tests.test_explorer_schema`: change those, not this file.

/** Rows of a table from an offset on. */
export interface Page<R> {
  rows: R[];
  total: number;
  offset: number;
  limit: number;
}

/** An account. */
export interface AccountAnswer {
  id: string;
  account_id: string;
  cluster_id: string | null;
  role: string | null;
  probability: number | null;
  status: string | null;
  created_at: string | null;
  closed_at: string | null;
  first_seen: string | null;
  last_seen: string | null;
  n: number;
  n_identifiers: number;
  is_new: boolean;
  attributes: Attribute[];
  n_links: number;
  identifiers: AccountAnswerIdentifiers[];
  n_left_out: number;
}

/** An identifier of an account. */
export interface AccountAnswerIdentifiers {
  id: string;
  kind: string;
  value: string;
  n: number;
  degree: number | null;
  p_exclusive: number | null;
  label: string | null;
  first_seen: string | null;
  last_seen: string | null;
}

/** A column of the table of accounts. */
export interface Attribute {
  name: string;
  value: string | number | boolean | null;
}

/** A link between two clusters that counts. */
export interface Bridge {
  account_id_l: string;
  account_id_r: string;
  /** Kind of its strongest evidence. */
  kind: string;
  value: string;
  /** What it adds to the weighing of the two. */
  bits: number;
  /** Links between the two with this evidence. */
  n_links: number;
}

/** What decides about a cluster, in sentences. */
export interface Brief {
  cluster_id: string;
  what: string;
  accounts: string;
  since: string;
  through: string;
  back: string;
  sure: string;
  otherwise: string;
  /** Whether what else explains it is harmless, or hardly distinguished. */
  is_doubtful: boolean;
  n_back: number;
  /** The routers, relays and exits to name. */
  named: InfrastructureRow[];
  order: BriefOrder;
}

/** How a cluster's place in the order comes about. */
export interface BriefOrder {
  total: number;
  confidence: number;
  sentence: string;
  parts: OrderPart[];
  n_clusters: number;
  place: number;
}

/** A cluster in a list. */
export interface Cluster {
  cluster_id: string;
  /** Its lineage, such as K-4, which stays from run to run; null outside a workspace. */
  lineage: string | null;
  priority: number;
  priority_points: Record<string, number>;
  n_accounts: number;
  n_core: number;
  n_constrained: number;
  n_open: number;
  n_new: number;
  n_soon_after: number;
  n_soon_after_by_chance: number | null;
  is_above_chance: boolean;
  score: number;
  hypothesis: string;
  facets: FacetShare[];
  mean_bits: number;
  density: number;
  weakest_cut: number | null;
  weakest_cut_side: number | null;
  weakest_cut_is_bound: boolean | null;
  weakest_cut_links: number | null;
  weakest_cut_identifiers: number | null;
  weakest_cut_kind: string | null;
  weakest_cut_value: string | null;
  expected_by_chance: number | null;
  fdr: number | null;
  p_same_operator: number | null;
  p_shared_intermediary: number | null;
  p_shared_network: number | null;
  p_openly_one_organisation: number | null;
  rival: string | null;
  rival_bits: number | null;
  also_explained_by: string | null;
  words: ClusterWords;
  /** open, partly_closed or closed. */
  status: string;
  n_links: number;
  n_routers: number | null;
  first_seen: string | null;
  last_seen: string | null;
  /** Observations before the bins of `activity`. */
  n_before: number | null;
  activity: number[] | null;
}

/** The header of a cluster. */
export interface ClusterHead {
  cluster: Cluster;
  reasons: Reason[];
  statuses: ClusterHeadStatuses[];
  n_graph_nodes: number | null;
  graph_mode: string | null;
  /** Kinds of its evidence, those that are not drawn too; null until the index is ready. */
  kinds: string[] | null;
}

/** Accounts of one status. */
export interface ClusterHeadStatuses {
  status: string | null;
  n: number;
}

/** The meaning of a cluster's figures, worded by the server as in every other output. */
export interface ClusterWords {
  claim: string;
  /** The likeliest hypothesis, or `undecided` where one operator is neither sure nor the only explanation: the colour of a badge. */
  finding: string;
  /** The same in words, for a badge. */
  finding_name: string;
  fdr: string;
  fdr_sentence: string;
  harmless: string;
  harmless_sentence: string;
  constraint_sentence: string;
  chance_sentence: string;
  weakest_cut: string;
  weakest_cut_sentence: string;
  priority: string;
  priority_sentence: string;
  soon_after: string;
  soon_after_sentence: string;
}

/** What would be closed or blocked. */
export interface CollateralBody {
  accounts?: string[];
  identifiers?: IdentifierName[];
}

/** One of two clusters: its row, and the sentences that decide about it. */
export interface ComparedSide {
  cluster: Cluster;
  brief: Brief;
}

/** Two clusters side by side; what needs two is null or empty where nothing leads to a second. */
export interface Comparison {
  left: ComparedSide;
  right: ComparedSide | null;
  near: NearCluster[];
  /** That one operator runs both, if each of them is one operator's; null without a link. */
  probability: number | null;
  /** The probability from which a run joins two groups. */
  goal: number | null;
  sentences: string[];
  bridges: Bridge[];
  /** The first 200 of what both hold or do. */
  shared: SharedIdentifier[];
  n_shared: number;
  only_left: OnlyOne | null;
  only_right: OnlyOne | null;
}

/** Neighbours of a node. */
export interface Expansion {
  node: string;
  offset: number;
  limit: number;
  total: number;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** Share of a facet in the evidence of a cluster. */
export interface FacetShare {
  facet: string;
  /** Null until the index is ready. */
  share: number | null;
}

/** What went wrong. */
export interface Fault {
  code: string;
  message: string;
}

/** A term: what it means, an example, and what it is not. */
export interface GlossaryTerm {
  name: string;
  meaning: string;
  example: string;
  is_not: string;
}

/** The graph of a cluster. */
export interface Graph {
  cluster_id: string;
  mode: string;
  n_left_out: number;
  n_accounts: number;
  n_identifiers: number;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** An edge of a drawing. */
export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  kind: string;
  facet: string | null;
  bits: number;
  n: number;
  first_seen: string | null;
  last_seen: string | null;
}

/** A node of a drawing; what a type does not have is null. */
export interface GraphNode {
  id: string;
  type: "account" | "cluster" | "group" | "identifier";
  label: string;
  kind: string;
  facet: string | null;
  degree: number | null;
  n_edges: number;
  p_exclusive: number | null;
  tag: string | null;
  tag_type: string | null;
  is_hub: boolean | null;
  role: string | null;
  probability: number | null;
  status: string | null;
  is_new: boolean | null;
  cluster_id: string | null;
  n_accounts: number | null;
  bits: number | null;
  first_seen: string | null;
  last_seen: string | null;
  x: number;
  y: number;
}

/** A hit of a search; what its type does not have is null. */
export interface Hit {
  type: string;
  id: string;
  kind: string | null;
  value: string | null;
  account_id: string | null;
  cluster_id: string | null;
  facet: string | null;
  n_accounts: number | null;
  probability: number | null;
  p_exclusive: number | null;
  label: string | null;
  is_exact: boolean;
}

/** An account that holds an identifier. */
export interface Holder {
  id: string;
  account_id: string;
  cluster_id: string | null;
  role: string | null;
  probability: number | null;
  status: string | null;
  n: number;
  first_seen: string | null;
  last_seen: string | null;
}

/** An identifier and who holds it. */
export interface IdentifierAnswer {
  id: string;
  kind: string;
  value: string;
  facet: string;
  degree: number;
  p_exclusive: number | null;
  is_hub: boolean;
  is_capped: boolean;
  label: string | null;
  label_type: string | null;
  first_seen: string | null;
  last_seen: string | null;
  n_pairs: number;
  n_joint_pairs: number;
  /** How far the pairs of its holders were compared; empty where all were. */
  reach: string;
  n_clustered: number;
  clusters: IdentifierAnswerClusters[];
  holders: Page<Holder>;
}

/** A cluster with holders of an identifier. */
export interface IdentifierAnswerClusters {
  cluster_id: string;
  n_holders: number;
  n_accounts: number;
}

/** An identifier by its kind and value. */
export interface IdentifierName {
  kind: string;
  value: string;
}

/** The infrastructure of a cluster. */
export interface InfrastructurePage {
  rows: InfrastructureRow[];
  total: number;
  offset: number;
  limit: number;
  /** Further addresses, each of one member only. */
  n_single: number;
  /** How many of each role there are, worded. */
  words: string;
  roles: InfrastructureRole[];
}

/** A role of infrastructure, and how many there are of it. */
export interface InfrastructureRole {
  role: string;
  title: string;
  about: string;
  n: number;
}

/** What accounts of a cluster came through. */
export interface InfrastructureRow {
  id: string;
  kind: string;
  value: string;
  role: string;
  role_words: string;
  owner: string | null;
  owner_type: string | null;
  /** Members that use it, or that evidence ties by it. */
  n_members: number;
  /** Accounts outside the cluster that use it. */
  n_others: number;
  /** Other clusters with accounts that use it. */
  n_clusters: number;
  p_exclusive: number | null;
  /** Of the evidence for the cluster. */
  share: number;
  /** How often members were seen with it; 0 for a range. */
  n: number;
  first_seen: string | null;
  last_seen: string | null;
}

/** A new account of a cluster. */
export interface Joined {
  id: string;
  account_id: string;
  opened: string | null;
  is_open: boolean;
  role: string;
  probability: number;
  /** Empty where no evidence in the cluster touches the account. */
  tie_kind: string;
  tie_value: string;
  n_tied: number;
  /** The same in words, and of `after`. */
  tied_by: string;
  /** The member closed last before it was opened; empty when there is none. */
  after: string;
  after_closed_at: string | null;
  lag: string;
  is_soon_after: boolean;
}

/** New accounts of a cluster. */
export interface JoinedPage {
  rows: Joined[];
  total: number;
  offset: number;
  limit: number;
  n_soon_after: number;
  words: JoinedWords;
  /** Which accounts are new, in words. */
  what: string;
  rule: string;
}

/** How many were opened soon after a closure, worded. */
export interface JoinedWords {
  soon_after: string;
  soon_after_sentence: string;
}

/** An account of the timeline. */
export interface Lane {
  id: string | null;
  account_id: string | null;
  role: string | null;
  n: number;
  born: number | null;
  closed: number | null;
  status: string | null;
  sessions: Session[];
}

/** A link between two accounts of a cluster. */
export interface Link {
  account_id_l: string;
  account_id_r: string;
  bits: number;
  probability: number;
  n_evidence: number;
  n_facets: number;
}

/** What many texts are. */
export interface Lookup {
  rows: LookupRow[];
  clusters: LookupClusters[];
  n_found: number;
  n_unknown: number;
  unknown: string[];
}

/** Texts to look up. */
export interface LookupBody {
  ids: string[];
}

/** A cluster with accounts that were looked up. */
export interface LookupClusters {
  cluster_id: string;
  n_found: number;
  n_accounts: number;
}

/** What one of the texts is. */
export interface LookupRow {
  q: string;
  type: string | null;
  id: string | null;
  kind: string | null;
  n_accounts: number;
  cluster_id: string | null;
  accounts: string[];
}

/** The whole result as a map. */
export interface MapAnswer {
  nodes: MapAnswerNodes[];
  edges: MapAnswerEdges[];
  n_left_out: number;
}

/** Links between two clusters. */
export interface MapAnswerEdges {
  source: string;
  target: string;
  n_links: number;
  bits: number;
}

/** A cluster on the map. */
export interface MapAnswerNodes {
  id: string;
  cluster_id: string;
  n_accounts: number;
  score: number;
  hypothesis: string;
  /** Its hypothesis, or `undecided` where one operator is neither sure nor the only explanation. */
  finding: string;
  priority: number;
  facet: string;
  x: number;
  y: number;
}

/** An account of a cluster. */
export interface Member {
  id: string;
  account_id: string;
  probability: number | null;
  role: string;
  status: string | null;
  created_at: string | null;
  closed_at: string | null;
  first_seen: string | null;
  last_seen: string | null;
  n: number;
  n_identifiers: number;
  degree: number;
  bits: number;
  is_new: boolean;
  attributes: Attribute[];
}

/** What does not depend on the result. */
export interface Meta {
  kinds: MetaKind[];
  facets: MetaFacet[];
  formats: MetaFormat[];
  plugins: MetaPlugin[];
  plugin_faults: string[];
}

/** A facet, with its colours on light and dark. */
export interface MetaFacet {
  name: string;
  label: string;
  owned: boolean;
  tying: boolean;
  ground: boolean;
  colour: string;
  dark_colour: string;
}

/** A format of exports. */
export interface MetaFormat {
  name: string;
  suffix: string;
  about: string;
  is_folder: boolean;
  is_built_in: boolean;
}

/** A kind of identifier. */
export interface MetaKind {
  kind: string;
  facet: string;
  about: string;
  window_days: number | null;
  is_built_in: boolean;
}

/** A plugin that took part in the run. */
export interface MetaPlugin {
  group: string;
  name: string;
  distribution: string;
  version: string;
}

/** A cluster that links or shared identifiers lead to. */
export interface NearCluster {
  cluster_id: string;
  lineage: string | null;
  /** Links between the two. */
  n_links: number;
  /** Identifiers of at most 1,000 accounts that both hold. */
  n_shared: number;
}

/** The infrastructure of one that the other does not use: the first of it, and how much there is. */
export interface OnlyOne {
  rows: InfrastructureRow[];
  total: number;
}

/** A part of a cluster's place in the order: its points, out of how many. */
export interface OrderPart {
  part: string;
  title: string;
  points: number;
  most: number;
}

/** Clusters by priority. */
export interface Queue {
  rows: Cluster[];
  total: number;
  offset: number;
  limit: number;
  n_openly: number;
  n_others: number;
  order: QueueOrder[];
  counts: QueueCounts;
}

/** Clusters that pass all filters, by column. */
export interface QueueCounts {
  hypotheses: QueueCountsHypotheses[];
  facets: QueueCountsFacets[];
  statuses: QueueCountsStatuses[];
  also_explained_by: QueueCountsAlsoExplainedBy[];
}

/** Clusters that one harmless reason explains too. */
export interface QueueCountsAlsoExplainedBy {
  also_explained_by: string;
  n: number;
}

/** Clusters with evidence of one facet. */
export interface QueueCountsFacets {
  facet: string;
  n: number;
}

/** Clusters of one hypothesis. */
export interface QueueCountsHypotheses {
  hypothesis: string;
  n: number;
}

/** Clusters of one status. */
export interface QueueCountsStatuses {
  status: string;
  n: number;
}

/** A part of the order and its points. */
export interface QueueOrder {
  part: string;
  title: string;
  points: number;
}

/** A reason of a cluster, by rank. */
export interface Reason {
  rank: number;
  reason: string;
  kind: string | null;
  value: string | null;
  bits: number;
  n_accounts: number | null;
  detail: string;
  /** Of all evidence for the cluster. */
  share: number;
}

/** The answer to a request that is refused. */
export interface Refusal {
  error: Fault;
}

/** Hits of a search. */
export interface SearchAnswer {
  q: string;
  n: number;
  is_capped: boolean;
  hits: Hit[];
}

/** Uninterrupted activity of an account with one identifier, in seconds from the start. */
export interface Session {
  from: number;
  to: number;
  identifier: number;
  n: number;
}

/** What both clusters hold or do; of a joint behaviour what an identifier has is null. */
export interface SharedIdentifier {
  id: string | null;
  kind: string;
  value: string;
  facet: string;
  /** What it is to them, where it is infrastructure. */
  role: string | null;
  role_words: string | null;
  owner: string | null;
  owner_type: string | null;
  /** Accounts of the left cluster with it. */
  n_left: number | null;
  n_right: number | null;
  /** Accounts of neither. */
  n_others: number | null;
  p_exclusive: number | null;
  /** Links between the two with it. */
  n_links: number;
  /** Of the evidence between the two. */
  share: number;
}

/** How far the index is, and what is served. */
export interface Status {
  api: number;
  graphlink: string;
  name: string;
  fingerprint: string;
  state: "failed" | "indexing" | "ready";
  done: number;
  message: string;
  /** Whether a workspace is served, with its API under /api/v2. */
  is_of_workspace: boolean;
}

/** What the accounts of a drawn cluster are coloured by. */
export interface Style {
  /** Its name; null where none was given. */
  by: string | null;
  title: string;
  /** Whether the classes are steps from the least value up. */
  is_ordered: boolean;
  offered: StyleOffer[];
  classes: StyleClass[];
  /** Id of a node to its class. A group has the class of more than half of its accounts, and else none. */
  of: Record<string, number>;
}

/** A class of accounts by what they are coloured by. */
export interface StyleClass {
  /** From 0; -1: not known; -2: further values. */
  place: number;
  title: string;
  /** Accounts of the cluster in it. */
  n: number;
}

/** Something that accounts may be coloured by. */
export interface StyleOffer {
  name: string;
  title: string;
}

/** Counts of the result and the data, and what was left out. */
export interface Summary {
  n_accounts: number;
  n_observations: number;
  n_identifiers: number;
  n_links: number;
  n_clusters: number;
  n_clustered_accounts: number;
  first_seen: string | null;
  last_seen: string | null;
  new_since: string | null;
  core_probability: number;
  prior_bits: number;
  kinds: SummaryKind[];
  n_rejected_rows: number;
  rejected_rows: SummaryRejectedRows[];
  hypotheses: SummaryHypotheses[];
  capped: SummaryCapped[];
  /** What figures of a cluster mean, by column. */
  definitions: Record<string, string>;
  /** The words of the values of a column: hypothesis, also_explained_by, status, role, constrained_by. */
  vocabulary: Record<string, Record<string, string>>;
  glossary: GlossaryTerm[];
  activity: SummaryActivity;
}

/** Activity over the span of the data, in bins. */
export interface SummaryActivity {
  starts: string[];
  n: number[];
}

/** What was too common to compare, of one kind. */
export interface SummaryCapped {
  kind: string;
  n_pairs: number;
  largest: SummaryCappedLargest[];
}

/** A value that too many accounts share to compare them all. */
export interface SummaryCappedLargest {
  value: string;
  n_accounts: number;
}

/** Clusters of one hypothesis. */
export interface SummaryHypotheses {
  hypothesis: string;
  n_clusters: number;
  n_accounts: number;
}

/** Identifiers of one kind. */
export interface SummaryKind {
  kind: string;
  facet: string;
  n_identifiers: number;
  n_hubs: number;
}

/** Rejected rows of one reason. */
export interface SummaryRejectedRows {
  reason: string;
  n: number;
}

/** A piece of evidence of a cluster. */
export interface Tie {
  id: string | null;
  kind: string;
  value: string;
  facet: string;
  /** Summed over all links of the cluster, so that it grows with their number. */
  bits: number;
  /** Its share of all evidence for the cluster; 0 of what speaks against it. */
  share: number;
  n_links: number;
  n_members: number;
  degree: number | null;
  p_exclusive: number | null;
  is_hub: boolean | null;
  is_capped: boolean | null;
  label: string | null;
  label_type: string | null;
  first_seen: string | null;
  last_seen: string | null;
}

/** Activity of the accounts of a cluster in time. */
export interface Timeline {
  cluster_id: string;
  kind: string;
  kinds: string[];
  start: string;
  end: string;
  gap: number;
  bin: number;
  /** Observations before the span that is shown; `n_after` those after it. */
  n_before: number;
  n_after: number;
  /** When the first was, and `last` the last, of all. */
  first: string | null;
  last: string | null;
  activity: number[];
  n_left_out: number;
  identifiers: TimelineIdentifiers[];
  lanes: Lane[];
}

/** An identifier of the timeline. */
export interface TimelineIdentifiers {
  id: string;
  kind: string;
  value: string;
  n: number;
}

/** What is left out of a cluster's component. */
export interface WhatIfBody {
  cluster: string;
  identifiers?: IdentifierName[];
  kinds?: string[];
  /** ISO 8601; only evidence from then on. */
  since?: string | null;
  /** ISO 8601; only evidence up to then. */
  until?: string | null;
  /** Instead of the setting of the run, as is `cluster_probability`. */
  resolution_bits?: number | null;
  cluster_probability?: number | null;
}

/** The parameters of each route's query. */
export interface Queries {
  "/api/v1/queue": {
    /** column; unknown values come last */
    sort?: "priority" | "n_accounts" | "n_core" | "score" | "mean_bits" | "weakest_cut" | "n_new" | "n_soon_after" | "n_open" | "n_routers" | "first_seen" | "last_seen" | "cluster_id" | "n_links" | "density" | "p_same_operator" | "p_shared_intermediary" | "p_shared_network" | "p_openly_one_organisation" | "expected_by_chance" | "fdr" | "status";
    /** direction of the sort */
    order?: "desc" | "asc";
    /** `0`: without clusters that are openly one organisation; `1`: only these; empty: all */
    openly?: "" | "0" | "1";
    /** points of parts of the order, such as `succession=5,volume=0` (0 to 100 each) */
    weigh?: string;
    /** minimum number of accounts */
    min_size?: number;
    /** maximum number of accounts */
    max_size?: number;
    /** minimum mean membership probability */
    min_score?: number;
    /** maximum mean membership probability */
    max_score?: number;
    /** one or several, joined by commas */
    hypothesis?: string;
    /** clusters with evidence of this facet (several: of all of them), joined by commas */
    facet?: string;
    /** new accounts: opened or first seen in the last seven days of the data, or since the date or earlier result of `explore --since` */
    min_new?: number;
    /** new accounts, opened within three days after another account of the cluster was closed for abuse */
    min_soon_after?: number;
    /** `1`: with more of them than expected by chance (`is_above_chance`, `n_soon_after_by_chance`) */
    above_chance?: number;
    /** third-party routers among its evidence */
    min_routers?: number;
    /** maximum false discovery rate; clusters without this figure are left out */
    max_fdr?: number;
    /** maximum number of clusters as strong expected by chance; clusters without this figure are left out */
    max_chance?: number;
    /** probability that one organisation operates its accounts */
    min_p_same_operator?: number;
    /** `one_identifier`, `place`, `taste`, `times` (or another value of the column), `none`; by commas */
    also_explained_by?: string;
    /** `open` (no account closed), `partly_closed`, `closed` (all are); joined by commas */
    status?: string;
    /** text in the cluster id, an account, or an identifier among its reasons */
    q?: string;
    /** first row */
    offset?: number;
    /** rows: 50 unless given, at most 500; CSV at most 10,000 */
    limit?: number;
    /** the table as JSON or CSV */
    format?: "json" | "csv";
  };
  "/api/v1/map": {
    /** clusters, the largest first */
    limit?: number;
  };
  "/api/v1/search": {
    /** what to search for, or its start */
    q?: string;
    /** hits */
    limit?: number;
    /** `account`, `cluster` or a kind of identifier */
    kind?: string;
  };
  "/api/v1/clusters/{cluster_id}/members": {
    /** column */
    sort?: "probability" | "bits" | "account_id" | "created_at" | "closed_at" | "first_seen" | "last_seen" | "n" | "n_identifiers" | "degree";
    /** direction of the sort */
    order?: "desc" | "asc";
    /** only members of this role */
    role?: "" | "none" | "fringe" | "core";
    /** text in the account */
    q?: string;
    /** first row */
    offset?: number;
    /** rows: 50 unless given, at most 500; CSV at most 10,000 */
    limit?: number;
    /** the table as JSON or CSV */
    format?: "json" | "csv";
  };
  "/api/v1/clusters/{cluster_id}/evidence": {
    /** column */
    sort?: "bits" | "n_members" | "n_links" | "degree" | "p_exclusive" | "first_seen" | "last_seen" | "kind" | "value";
    /** direction of the sort */
    order?: "desc" | "asc";
    /** only identifiers of this kind */
    kind?: string;
    /** only evidence of this facet */
    facet?: string;
    /** text in the value or its label */
    q?: string;
    /** first row */
    offset?: number;
    /** rows: 50 unless given, at most 500; CSV at most 10,000 */
    limit?: number;
    /** the table as JSON or CSV */
    format?: "json" | "csv";
  };
  "/api/v1/clusters/{cluster_id}/infrastructure": {
    /** only what has this role */
    role?: "" | "router" | "relay" | "own" | "exit" | "place" | "shared" | "network";
    /** first row */
    offset?: number;
    /** rows: 50 unless given, at most 500; CSV at most 10,000 */
    limit?: number;
    /** the table as JSON or CSV */
    format?: "json" | "csv";
  };
  "/api/v1/clusters/{cluster_id}/links": {
    /** only links of this account */
    account?: string;
    /** first row */
    offset?: number;
    /** rows: 50 unless given, at most 500; CSV at most 10,000 */
    limit?: number;
    /** the table as JSON or CSV */
    format?: "json" | "csv";
  };
  "/api/v1/clusters/{cluster_id}/joined": {
    /** `back`: all that were opened soon after a closing */
    which?: "new" | "back";
    /** first row */
    offset?: number;
    /** rows: 50 unless given, at most 500; CSV at most 10,000 */
    limit?: number;
    /** the table as JSON or CSV */
    format?: "json" | "csv";
  };
  "/api/v1/clusters/{cluster_id}/graph": {
    /** nodes above which groups are drawn */
    max_nodes?: number;
    /** edges below it are left out */
    min_bits?: number;
    /** `0`: the strongest nodes instead of groups */
    groups?: "1" | "0";
  };
  "/api/v1/clusters/{cluster_id}/style": {
    /** one of the names in `offered`, such as `state` or `column:plan`; empty lists these only */
    by?: string;
  };
  "/api/v1/clusters/{cluster_id}/timeline": {
    /** kind that colours the sessions: one of `kinds` of the answer, its first unless given */
    kind?: string;
    /** accounts with a lane of their own */
    max_lanes?: number;
    /** span without `from` and `to`: the bulk of the observations, or all */
    span?: "bulk" | "all";
    /** start of the span */
    from?: string;
    /** end of the span */
    to?: string;
  };
  "/api/v1/compare": {
    /** a cluster */
    left: string;
    /** the other; empty: the cluster that most links lead to */
    right?: string;
  };
  "/api/v1/expand": {
    /** id of the node */
    node: string;
    /** only neighbours of this kind */
    kind?: string;
    /** count bits within this cluster */
    cluster?: string;
    /** first neighbour */
    offset?: number;
    /** neighbours */
    limit?: number;
  };
  "/api/v1/account": {
    /** the account */
    id: string;
  };
  "/api/v1/identifier": {
    /** its kind */
    kind: string;
    /** its value */
    value?: string;
    /** first row */
    offset?: number;
    /** rows: 50 unless given, at most 500; CSV at most 10,000 */
    limit?: number;
    /** the table as JSON or CSV */
    format?: "json" | "csv";
  };
  "/api/v1/pair": {
    /** an account */
    l: string;
    /** the other account */
    r: string;
  };
  "/api/v1/member": {
    /** the account */
    account: string;
  };
  "/api/v1/break": {
    /** the cluster */
    cluster: string;
    /** what would remove this account, not what would split the cluster */
    account?: string;
  };
  "/api/v1/path": {
    /** id of a node: an account or an identifier */
    from: string;
    /** id of the other node */
    to: string;
    /** paths of each type */
    k?: number;
    /** `1`: ignore the direct link */
    skip_direct?: "0" | "1";
  };
}
