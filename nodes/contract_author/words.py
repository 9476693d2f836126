"""What a check of a contract says, in English and 中文: of each fault what is wrong and what to do instead."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["en", "zh"]


class Said(NamedTuple):
    """One sentence in both languages; `{subject}` stands for what it is about."""

    en: str
    zh: str

    def say(self, language: Language, **values: object) -> str:
        """In one language."""
        return (self.zh if language == "zh" else self.en).format(**values)


RULES: Mapping[str, tuple[Said, Said]] = {
    "import": (
        Said("imports {subject}, which contracts may not", "导入了 {subject}，合约不得使用"),
        Said(
            "Tallystick's own names come from `ledger.contract`; ledger/contract/source_rules/importable.py "
            "lists all allowed modules. "
            "Clocks, chance, files and networks differ between nodes: use context.time_ms, and arguments for the rest.",
            "Tallystick 的名称从 `ledger.contract` 导入；允许的模块见 ledger/contract/source_rules/importable.py。"
            "时钟、随机数、文件和网络在各节点上结果不同：时间用 context.time_ms，其余由参数传入。",
        ),
    ),
    "import-name": (
        Said("takes {subject}, which contracts may not", "取用了 {subject}，合约不得使用"),
        Said(
            "Only names whose result is the same everywhere may be imported; "
            "ledger/contract/source_rules/importable.py lists them.",
            "只能导入在各处结果都相同的名称，见 ledger/contract/source_rules/importable.py。",
        ),
    ),
    "float-literal": (
        Said("{subject} is a float", "{subject} 是浮点数"),
        Said("Count in a smaller unit: cents, grams, per mille.", "改用更小的单位计数：分、克、千分比。"),
    ),
    "division": (
        Said("`/` gives a float", "`/` 的结果是浮点数"),
        Said("Write `//`, and say which way is rounded.", "请写 `//`，并说明如何取整。"),
    ),
    "power": (
        Said(
            "`{subject}` with an exponent that is not a literal can give a float",
            "指数不是字面整数时，`{subject}` 可能得到浮点数",
        ),
        Said("Write the exponent as a number, or multiply.", "把指数写成数字，或改用乘法。"),
    ),
    "name": (
        Said("`{subject}` is not for contracts", "合约中不得使用 `{subject}`"),
        Said(
            "It reads or shows something outside of the ledger, or differs between machines. Take it out; context.emit tells.",
            "它读取或输出账本以外的内容，或因机器而异。请删除；要公布内容可用 context.emit。",
        ),
    ),
    "dunder": (
        Said("`{subject}` reaches behind the language", "`{subject}` 绕到了语言背后"),
        Said("Use the names that the framework gives you.", "只使用框架提供的名称。"),
    ),
    "set-order": (
        Said("a set has an order of its own on every machine", "集合的顺序因机器而异"),
        Said("Use sorted(…), a tuple or a dict.", "改用 sorted(…)、元组或字典。"),
    ),
    "set-type": (
        Said(
            "`{subject}` as a type or as a value lets in a set, whose order differs",
            "把 `{subject}` 用作类型或值会引入集合，其顺序因机器而异",
        ),
        Said(
            "Use a sorted tuple, or dict.fromkeys(…) for what is there once.", "请用排好序的元组；要去重可用 dict.fromkeys(…)。"
        ),
    ),
    "address": (
        Said("`{subject}` shows as an address, another one on every machine", "`{subject}` 的文本是内存地址，因机器而异"),
        Said("Show a field of it, or give its class a __str__.", "请显示它的某个字段，或为其类定义 __str__。"),
    ),
    "format": (
        Said(
            "this format hangs on the locale, gives a float or reaches behind names",
            "这种格式依赖区域设置、产生浮点数或绕到名称背后",
        ),
        Said("Write an f-string with plain fields and whole numbers.", "请写只含普通字段和整数的 f 字符串。"),
    ),
    "identity": (
        Said("`is` between texts or numbers hangs on the interpreter", "用 `is` 比较文本或数字，结果取决于解释器"),
        Said("Write `==`.", "请写 `==`。"),
    ),
    "broad-except": (
        Said("`{subject}` also catches a used-up stack or memory", "`{subject}` 会连调用栈或内存耗尽也一并捕获"),
        Said("Name the exception that you mean, such as ValueError.", "请写出要捕获的具体异常，例如 ValueError。"),
    ),
    "finally": (
        Said("leaving `finally` swallows every exception", "从 `finally` 中离开会吞掉所有异常"),
        Said("Move return, break or continue behind the block.", "把 return、break 或 continue 移到该语句块之后。"),
    ),
    "error-words": (
        Said("the words of `{subject}` are Python's and differ between versions", "`{subject}` 的文字出自 Python，因版本而异"),
        Said("Say it in words of your own, or refuse with a code.", "请用自己的文字说明，或以代码拒绝。"),
    ),
    "kept-state": (
        Said("changes `{subject}`, which stays for later transactions", "改动了 `{subject}`，它会留给之后的交易"),
        Said(
            "Tables of a module or class are for reading. Keep what changes in a Collection.",
            "模块或类中的表只供读取；会变化的内容请存入 Collection。",
        ),
    ),
    "kept-iterator": (
        Said("`{subject}` is used up by reading it, and is kept between calls", "`{subject}` 读过即耗尽，却在多次调用之间保留"),
        Said("Make a tuple of it, or make it inside of the operation.", "请转成元组，或在操作之内创建。"),
    ),
    "mutable-default": (
        Said("a default of `{subject}` is one object for all calls", "`{subject}` 的默认值是所有调用共用的同一个对象"),
        Said("Use None or a tuple as the default, and make the list inside.", "默认值用 None 或元组，在函数内部再创建列表。"),
    ),
    "recursion": (
        Said("recursion: {subject}", "递归：{subject}"),
        Said(
            "How deep it may go differs between machines. Write a loop with a list of what is still to do.",
            "可递归的深度因机器而异。请改写成循环，用列表记下待处理的内容。",
        ),
    ),
    "kept": (
        Said("playing it has changed {subject}", "执行之后 {subject} 发生了变化"),
        Said("Something outlives the operation. Keep it in a Collection.", "有东西在操作之后仍然保留。请存入 Collection。"),
    ),
    "global": (
        Said("a contract keeps nothing but its state", "合约除了状态之外不保存任何东西"),
        Said("Keep it in a Collection.", "请存入 Collection。"),
    ),
    "async": (
        Said("an operation waits for nothing", "操作不等待任何东西"),
        Said("Write a plain def without await.", "请写普通的 def，不用 await。"),
    ),
    "star-import": (
        Said("a star import hides what is imported", "星号导入看不出导入了什么"),
        Said("Name what you import.", "请逐一写出导入的名称。"),
    ),
    "undeclared-refusal": (
        Said("the refusal “{subject}” is not declared", "拒绝代码“{subject}”没有声明"),
        Said(
            'Add it to `refusals`: "{subject}": Refusal(en="…", zh="…"), or correct its spelling.',
            '在 `refusals` 中加入 "{subject}": Refusal(en="…", zh="…")，或改正拼写。',
        ),
    ),
    "refusal-details": (
        Said("its sentences need {subject}, which is not given", "其说明文字需要 {subject}，但没有给出"),
        Said("Give it by name after the code: {subject}=…", "在代码之后按名称给出：{subject}=…"),
    ),
    "syntax": (
        Said("this is not Python: {subject}", "不是正确的 Python：{subject}"),
        Said(
            "Look for a bracket, a colon or a quotation mark here or in the line above.", "检查这一行或上一行的括号、冒号或引号。"
        ),
    ),
    "made": (
        Said("the class cannot be made: {subject}", "无法建立这个类：{subject}"),
        Said("Correct what the sentence names.", "按这句话所指之处改正。"),
    ),
    "no-contract": (
        Said("{subject}", "不是有名称的合约：{subject}"),
        Said('Derive a class from Contract and give it a line: name = "…"', '从 Contract 派生一个类，并写一行 name = "…"'),
    ),
}
"""Rule → what is wrong, and what to do."""
BREAKPOINT_RULE = (
    Said("`breakpoint` would stop a node", "`breakpoint` 会使节点停住"),
    Said(
        "Take it out before you install. While you look for a fault: pytest, or this command with --debug.",
        "安装前请删除。查错时：用 pytest，或给本命令加上 --debug。",
    ),
)

ADVICE: Mapping[str, Said] = {
    "open-operation": Said(
        "{subject}: anybody may call it, and it does not ask who signed. If that is not meant: signed_by=…, "
        "or context.require(context.signed_by(…), …).",
        "{subject}：任何人都可调用，也未检查签署者。若非本意：改写 signed_by=…，或用 context.require(context.signed_by(…), …)。",
    ),
    "no-operation": Said(
        "{subject} looks like an operation and is none: @operation(signed_by=…) is missing above it.",
        "{subject} 像一个操作，但上面缺少 @operation(signed_by=…)，因此不是操作。",
    ),
    "unused-refusal": Said(
        "the refusal “{subject}” is declared, and nothing refuses with it: is a check missing?",
        "拒绝代码“{subject}”已声明，却没有任何地方使用：是否漏了检查？",
    ),
    "write-only": Said(
        "{subject} is written and never read: no operation looks at what it holds.",
        "{subject} 只写不读：没有任何操作查看其内容。",
    ),
    "no-collection": Said("{subject} is a record that no collection holds.", "{subject} 是记录，却没有任何集合保存它。"),
    "sealed-for-nobody": Said(
        "{subject} has sealed fields, and may_read lets nobody read them.", "{subject} 有密封字段，而 may_read 不允许任何人读取。"
    ),
}

PROPERTIES: Mapping[str, tuple[Said, Said, Said]] = {
    "ends": (
        Said("An operation fails instead of refusing.", "操作出错，而不是拒绝。"),
        Said("it takes effect, or refuses with a declared code", "生效，或以已声明的代码拒绝"),
        Said(
            "Check it before: context.require(CONDITION, CODE, …), or give the argument a narrower type (Positive, NonNegative).",
            "先作检查：context.require(条件, 代码, …)，或给参数更窄的类型（Positive、NonNegative）。",
        ),
    ),
    "declared": (
        Said("An operation refuses with a code that is not declared.", "操作以未声明的代码拒绝。"),
        Said("a code of `refusals`", "`refusals` 中的代码"),
        Said("Declare {subject} in `refusals`.", "请在 `refusals` 中声明 {subject}。"),
    ),
    "details": (
        Said("A refusal leaves out what its sentences name.", "拒绝时没有给出说明文字所需的内容。"),
        Said("all details of its sentences", "给出说明文字的全部内容"),
        Said("Give what is missing by name ({subject}).", "按名称补上缺少的内容（{subject}）。"),
    ),
    "read-back": (
        Said("What was written is not read back as it was.", "写入的内容读出后不一致。"),
        Said("the same record", "同一条记录"),
        Said("Look at the types of the record at {subject}.", "检查 {subject} 处记录的类型。"),
    ),
    "repeatable": (
        Said(
            "The same transaction on the same state does something else the next time.",
            "同一交易在同一状态上再次执行，结果不同。",
        ),
        Said("the same writes, events and ending", "相同的写入、事件和结果"),
        Said(
            "Something outlives the operation: a class attribute, a default list, a module's variable. Keep it in a Collection.",
            "有东西在操作之后仍然保留：类属性、默认列表或模块变量。请存入 Collection。",
        ),
    ),
    "interpreters": (
        Said(
            "In another interpreter the same transactions leave another receipt.",
            "在另一个解释器中，同样的交易得到了不同的收据。",
        ),
        Said("the same bytes", "逐字节相同"),
        Said(
            "Something hangs on the order of hashing or on an address. Use sorted(…), a tuple or a dict, and show fields.",
            "有东西取决于散列顺序或内存地址。请用 sorted(…)、元组或字典，并显示具体字段。",
        ),
    ),
    "unsure": (
        Said("The contract came out another way when it was played again.", "重新执行时合约的结果不同。"),
        Said("the same writes, events and ending", "相同的写入、事件和结果"),
        Said("Something outlives the operation. Keep it in a Collection.", "有东西在操作之后仍然保留。请存入 Collection。"),
    ),
    "invariant": (
        Said("What must always hold does not.", "必须始终成立的条件不成立。"),
        Said("it holds after every step", "每一步之后都成立"),
        Said("Ask which check would have refused the last step.", "想一想：哪一项检查本应拒绝最后一步。"),
    ),
}
"""Property → what is broken, what was expected, what to do."""

SIGNS = Said("{who} signs {operation}{arguments}", "{who} 签署 {operation}{arguments}")
LATER = {
    86_400_000: Said("a day later ", "一天后 "),
    30 * 86_400_000: Said("30 days later ", "30 天后 "),
}
COMMITTED = Said("committed", "已写入账本")
REFUSED = Said("refused: {code}", "拒绝：{code}")
EXPECTED = Said("expected: {words}", "应当：{words}")
CAME = Said("came:     {words}", "实际：{words}")
AT = Said("at:       {place}  {text}", "位置：{place}  {text}")
TO_DO = Said("what to do: {words}", "怎么办：{words}")
NOTHING_BEFORE = Said("Already the first transaction breaks it:", "第一笔交易就出错：")
STEPS = Said("The shortest way there, found by trying:", "试出来的最短路径：")
FAULTS = Said("{count} to mend in {module}:", "{module} 有 {count} 处需要修改：")
SOUND = Said(
    "{contract} keeps the rules, and {examples} random sequences of its {operations} operations broke no property "
    "and gave the same receipts in two interpreters ({seconds:.1f} s).",
    "{contract} 符合全部规则；对其 {operations} 个操作随机试了 {examples} 组，没有违反任何性质，"
    "在两个解释器中收据相同（{seconds:.1f} 秒）。",
)
LOOK_AT = Said("look at {place}: {words}", "请看 {place}：{words}")
STOPS = Said(
    "--debug: breakpoint() stops below; no node loads this contract while it is in there.",
    "--debug：breakpoint() 会停住；只要还留在其中，任何节点都不会加载这份合约。",
)
