"""What a lab says of its network, in both languages: why it waits, and what to expect."""

COMMA = {"en": ", ", "zh": "、"}
WORDS = {
    "well": {
        "en": "Nothing: all nodes run and all links are well.",
        "zh": "没有故障：所有节点都在运行，所有链路正常。",
    },
    "is-down": {"en": "{node}: ■ stopped", "zh": "{node}：■ 已停止"},
    "is-traitor": {"en": "{node}: ✗ traitor: {kind}", "zh": "{node}：✗ 叛徒：{kind}"},
    "is-isolated": {
        "en": "{node}: ⊘ isolated: hears nobody, and nobody hears it",
        "zh": "{node}：⊘ 被隔离：听不到别人，别人也听不到它",
    },
    "cut": {"en": "‖ cut: {parts}", "zh": "‖ 分隔：{parts}"},
    "link": {
        "en": "~ {node} → {peer}: {drop} of 1000 lost, {delay} ms later",
        "zh": "~ {node} → {peer}：每千批丢失 {drop}，延迟 {delay} 毫秒",
    },
    "all": {"en": "all nodes", "zh": "全部节点"},
    "because-down": {"en": "{node} (stopped)", "zh": "{node}（已停止）"},
    "because-isolated": {"en": "{node} (isolated)", "zh": "{node}（被隔离）"},
    "because-cut": {"en": "{node} (on the other side of the cut)", "zh": "{node}（在分隔的另一侧）"},
    "because-lost": {"en": "{node} (what it sends here is lost)", "zh": "{node}（它发到这里的消息丢失）"},
    "because-deaf": {"en": "{node} (hears nothing from here)", "zh": "{node}（听不到这里）"},
    "because-traitor": {"en": "{node} (a traitor)", "zh": "{node}（叛徒）"},
    "because-silent": {"en": "{node} (runs, does not answer)", "zh": "{node}（在运行，但无应答）"},
    "because-late": {"en": "{node} (nothing from it yet)", "zh": "{node}（尚未收到）"},
    "none": {"en": "No node runs: nothing happens until one is started.", "zh": "没有节点在运行：启动节点之前什么也不会发生。"},
    "work": {
        "en": "Height {height}: nothing to decide, no transaction is waiting.",
        "zh": "高度 {height}：没有待处理的交易，无须决定。",
    },
    "proposal": {
        "en": "Height {height}, view {view}: waits for the proposal of its leader, {leader}.",
        "zh": "高度 {height}，视图 {view}：等待领导者的提案，领导者为 {leader}。",
    },
    "votes": {
        "en": "Height {height}, view {view}: votes {have} of {quorum}. Not there: {missing}.",
        "zh": "高度 {height}，视图 {view}：投票 {have}/{quorum}。缺少：{missing}。",
    },
    "finals": {
        "en": "Height {height}: the block has its votes, and finals {have} of {quorum}. Not there: {missing}.",
        "zh": "高度 {height}：区块已获得投票，终结 {have}/{quorum}。缺少：{missing}。",
    },
    "fetch": {
        "en": "Height {height}: decided elsewhere or nearly so; it fetches the block and the certificates that it lacks.",
        "zh": "高度 {height}：别处已经或即将决定，正在索取缺少的区块和证书。",
    },
    "time": {
        "en": "Height {height}, view {view}: holds back for a moment, until the time of the proposal has come.",
        "zh": "高度 {height}，视图 {view}：稍候，直到提案的时间到来。",
    },
    "timer-running": {
        "en": "A timer runs: when it fires, this leader is skipped and the next one proposes.",
        "zh": "计时器在走：到点后跳过这位领导者，由下一位提案。",
    },
    "timer-fired": {
        "en": "The timer has fired; skips {have} of {quorum}. Not there: {missing}.",
        "zh": "计时器已到点；跳过 {have}/{quorum}。缺少：{missing}。",
    },
    "timer-same": {
        "en": "The timer has fired; skips {have} of {quorum}, and the same are missing.",
        "zh": "计时器已到点；跳过 {have}/{quorum}，缺少的仍是这些节点。",
    },
    "too-few": {
        "en": (
            "At most {best} of {count} nodes hear each other and {quorum} are needed, so nothing can be decided. "
            "Nothing is lost: it goes on as soon as {quorum} are together again."
        ),
        "zh": (
            "{count} 个节点中最多只有 {best} 个能互相通信，而需要 {quorum} 个，因此无法作出任何决定。"
            "什么也不会丢失：一旦 {quorum} 个节点重新连通，就会继续。"
        ),
    },
    "expect-too-few": {
        "en": (
            "Expect: it waits. {best} of {count} nodes hear each other, {quorum} are needed. What is submitted stays "
            "pending; no two blocks at one height."
        ),
        "zh": (
            "预期：等待。{count} 个节点中有 {best} 个能互相通信，需要 {quorum} 个。已提交的交易保持待处理；"
            "同一高度不会出现两个区块。"
        ),
    },
    "expect-missing": {
        "en": (
            "Expect: it goes on. {best} of {count} nodes hear each other and {quorum} suffice; views that a missing "
            "node leads are skipped, which takes a moment. With {one} it waits."
        ),
        "zh": (
            "预期：继续。{count} 个节点中有 {best} 个能互相通信，{quorum} 个就够；由缺席节点领导的视图会被跳过，"
            "需稍等片刻。若只剩 {one} 个就会等待。"
        ),
    },
    "expect-whole": {
        "en": (
            "Expect: each block takes moments. {count} nodes hear each other; with {tolerated} of them missing it "
            "goes on, with {over} it waits."
        ),
        "zh": "预期：每个区块只需片刻。{count} 个节点都能互相通信；缺少 {tolerated} 个仍会继续，缺少 {over} 个就会等待。",
    },
    "expect-traitors": {
        "en": "Traitors: {traitors}. Up to {tolerated} can delay, but not forge and not make two blocks of one height.",
        "zh": "叛徒：{traitors}。不超过 {tolerated} 个时，只能拖延，不能伪造，也不能让同一高度出现两个区块。",
    },
    "expect-betrayed": {
        "en": (
            "Traitors: {traitors}, more than the {tolerated} that are tolerated. Nothing is promised now: two blocks "
            "of one height are possible, and the evidence names who signed both."
        ),
        "zh": (
            "叛徒：{traitors}，超过可容忍的 {tolerated} 个。此时不再有任何保证：同一高度可能出现两个区块，"
            "而证据会指出谁签了两次。"
        ),
    },
    "expect-slow": {
        "en": "Links are slow or lossy: expect skipped views and repeated messages, but no wrong block.",
        "zh": "链路有延迟或丢失：会出现跳过的视图和重发的消息，但不会有错误的区块。",
    },
}
