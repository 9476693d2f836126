"""Every rule of supply-chain finance that can say no, in both languages."""

from collections.abc import Mapping

from ledger.contract import Refusal

REFUSALS: Mapping[str, Refusal] = {
    # Parties, lines and limits
    "retroactive": Refusal(en="It can act from a later day on, not from the past.", zh="只能自以后某日起生效，不得溯及既往。"),
    "bad-uscc": Refusal(en="{uscc} is no unified social credit code.", zh="{uscc} 不是有效的统一社会信用代码。"),
    "already-onboarded": Refusal(en="{member} takes part already.", zh="{member} 已经准入。"),
    "company-onboarded": Refusal(
        en="The company takes part already; {member} signs for it.", zh="该企业已经准入，由 {member} 签署。"
    ),
    "role-missing": Refusal(en="{member} is not enrolled as {kind}.", zh="{member} 没有登记 {kind} 角色。"),
    "not-onboarded": Refusal(en="{member} has not been let in as {kind}.", zh="{member} 尚未以 {kind} 身份准入。"),
    "platform-no-party": Refusal(en="Platform {member} holds and receives nothing.", zh="平台 {member} 不得持有凭证或收款。"),
    "suspended": Refusal(
        en="{member} is suspended until it presents a valid licence.", zh="{member} 已被暂停，须重新出示有效执照。"
    ),
    "other-platform": Refusal(
        en="{member} was let in by {platform}, not by this platform.", zh="{member} 由 {platform} 准入，非本平台。"
    ),
    "not-suspended": Refusal(en="{member} is not suspended.", zh="{member} 未被暂停。"),
    "announced-already": Refusal(en="{core}: {cause}, as announced before.", zh="{core}：{cause}，此前已公告。"),
    "not-announced": Refusal(en="{core}: {cause}, which nobody announced.", zh="{core}：{cause}，未曾公告。"),
    "line-in-use": Refusal(
        en="{core}'s debt needs at least {least_cents} from {bank}.",
        zh="{core} 的未偿余额要求 {bank} 的额度至少为 {least_cents}。",
    ),
    # Invoices
    "invoice-exists": Refusal(en="There is an invoice {invoice} already.", zh="发票 {invoice} 已存在。"),
    "dated-ahead": Refusal(en="Invoice {invoice} is dated ahead.", zh="发票 {invoice} 的日期在将来。"),
    "to-self": Refusal(en="{member} cannot deal with itself.", zh="{member} 不能与自己交易。"),
    "duplicate-invoice": Refusal(
        en="The same invoice is registered as {invoice} (match: {risk}).", zh="同一发票已登记为 {invoice}（匹配：{risk}）。"
    ),
    "used-elsewhere": Refusal(
        en="The same invoice is used on platform {platform} (match: exact).",
        zh="同一发票已在平台 {platform} 使用（匹配：完全一致）。",
    ),
    "bank-no-seller": Refusal(
        en="Bank {member} sells nothing here; it comes to certificates by finance alone.",
        zh="银行 {member} 不得作为卖方登记发票，只能通过融资取得凭证。",
    ),
    "not-buyer": Refusal(en="Only the buyer {buyer} may do this.", zh="只有买方 {buyer} 可以这样做。"),
    "payable-unconditional": Refusal(
        en="Payable {invoice} was confirmed and is unconditional.", zh="应付账款 {invoice} 已确权，付款义务无条件。"
    ),
    "disputed": Refusal(en="Invoice {invoice} is disputed.", zh="发票 {invoice} 存在争议。"),
    "not-confirmed": Refusal(en="{buyer} has not confirmed invoice {invoice}.", zh="{buyer} 未对发票 {invoice} 确权。"),
    "wrong-trade": Refusal(
        en="Invoice {invoice} is not of a sale by {seller} to {buyer}.", zh="发票 {invoice} 并非 {seller} 卖给 {buyer} 的交易。"
    ),
    "invoice-used-up": Refusal(
        en="The invoices leave {residual_cents}; {amount_cents} are needed.",
        zh="发票余额 {residual_cents}，需要 {amount_cents}。",
    ),
    "no-trade": Refusal(en="The part for {to} has no trade behind it.", zh="转给 {to} 的部分没有贸易背景。"),
    # Issue, acceptance, splitting
    "certificate-exists": Refusal(en="There is a certificate {certificate} already.", zh="凭证 {certificate} 已存在。"),
    "part-number": Refusal(
        en="{certificate} reads like the number of a part; a root's number ends otherwise.",
        zh="{certificate} 形同子凭证编号，原始凭证不得使用。",
    ),
    "root-on-sealed": Refusal(
        en="{core} promises against open invoices alone: what is sealed cannot be added up here.",
        zh="{core} 只能凭未密封的发票开立原始凭证：密封金额无法在此核算。",
    ),
    "not-core": Refusal(en="Only the core {core} may do this.", zh="只有核心企业 {core} 可以这样做。"),
    "core-blocked": Refusal(en="{core} is overdue here until it has paid.", zh="{core} 已逾期，清偿之前受到限制。"),
    "core-barred": Refusal(
        en="The regulator announced of {core}: {cause}; until that is cured it is barred.",
        zh="监管部门公告 {core}：{cause}，消除之前受到限制。",
    ),
    "not-platform": Refusal(en="{member} is not enrolled as a platform.", zh="{member} 没有登记为平台。"),
    "over-line": Refusal(
        en="{outstanding_cents} + {amount_cents} exceed the lines of {limit_cents}.",
        zh="{outstanding_cents} + {amount_cents} 超过授信总额 {limit_cents}。",
    ),
    "not-after-today": Refusal(en="The due date is not in the future.", zh="到期日不在将来。"),
    "no-tenor-rule": Refusal(en="No limit on the term is in force yet.", zh="尚无生效的期限规则。"),
    "tenor-too-long": Refusal(en="A certificate runs at most {months_max} months.", zh="凭证期限最长 {months_max} 个月。"),
    "tenor-without-reason": Refusal(en="Beyond {months} months a reason must be given.", zh="期限超过 {months} 个月须说明理由。"),
    "wrong-state": Refusal(en="Certificate {certificate} is {state}.", zh="凭证 {certificate} 的状态为 {state}。"),
    "not-offered-to": Refusal(en="It was offered to {offered_to}.", zh="该凭证的接收方是 {offered_to}。"),
    "offer-expired": Refusal(en="The time to accept has passed.", zh="签收期限已过。"),
    "offer-stands": Refusal(en="The time to accept has not passed.", zh="签收期限未过。"),
    "not-holder": Refusal(en="Only the holder {holder} may do this.", zh="只有持有人 {holder} 可以这样做。"),
    "past-due": Refusal(en="Certificate {certificate} has matured.", zh="凭证 {certificate} 已到期。"),
    "no-parts": Refusal(en="A split has parts.", zh="拆分至少要有一份。"),
    "too-many-parts": Refusal(en="A split has at most {parts_max} parts.", zh="一次最多拆成 {parts_max} 份。"),
    "part-too-small": Refusal(en="A part has at least one cent.", zh="每份至少一分钱。"),
    "wrong-sum": Refusal(
        en="The parts add up to {sum_cents}, the certificate has {amount_cents}.",
        zh="各份合计 {sum_cents}，凭证金额为 {amount_cents}。",
    ),
    "too-deep": Refusal(en="A certificate is split at most {depth_max} times.", zh="凭证最多流转 {depth_max} 层。"),
    "too-many-leaves": Refusal(
        en="One root ends in at most {leaves_max} certificates.", zh="同一原始凭证最多分成 {leaves_max} 张。"
    ),
    # Finance
    "not-bank": Refusal(en="The certificate was offered to bank {bank}.", zh="该凭证是向 {bank} 申请融资的。"),
    "registration-stands": Refusal(
        en="Bank {bank} has registered the assignment; only it can release the certificate.",
        zh="{bank} 已办理转让登记，只有它能解除锁定。",
    ),
    "documents-incomplete": Refusal(en="The trade documents are {invoices}.", zh="应审查的贸易单据为 {invoices}。"),
    "flags-unreviewed": Refusal(en="The warnings are {flags}.", zh="须审查的风险提示为 {flags}。"),
    "registered-earlier": Refusal(
        en="{assignee} registered its assignment earlier; registration decides.", zh="{assignee} 登记在先，以登记时间先后为准。"
    ),
    "not-queried": Refusal(en="The registry was not queried first.", zh="放款前未查询登记。"),
    "documents-not-checked": Refusal(en="The trade documents were not checked first.", zh="放款前未审查贸易单据。"),
    "not-registered": Refusal(en="The assignment is not registered.", zh="尚未办理转让登记。"),
    "wrong-net": Refusal(
        en="By {basis} the net amount is {expected_cents}, not {got_cents}.",
        zh="按 {basis} 计息，净额应为 {expected_cents}，而非 {got_cents}。",
    ),
    "over-own-line": Refusal(
        en="{bank} has {used_cents} of {core}'s debt; its own line is {limit_cents}.",
        zh="{bank} 已持有 {core} 债务 {used_cents}，其自身额度为 {limit_cents}。",
    ),
    "registration-runs": Refusal(
        en="The entry is {state} and runs until {expires_on}.", zh="该登记状态为 {state}，有效期至 {expires_on}。"
    ),
    "registration-over": Refusal(
        en="The entry for {certificate} no longer stands ({state}).", zh="{certificate} 的登记已不再有效（{state}）。"
    ),
    "nothing-left": Refusal(en="Interest and fee leave nothing to disburse.", zh="扣除利息和费用后无款可放。"),
    # Paid early
    "no-early-offer": Refusal(en="{core} has no standing offer to pay it early.", zh="{core} 没有有效的提前付款要约。"),
    "wrong-price": Refusal(
        en="For the days that are left the price is {expected_cents}, not {got_cents}.",
        zh="按剩余天数，价格应为 {expected_cents}，而非 {got_cents}。",
    ),
    # Freezing
    "set-aside": Refusal(
        en="{held_cents} are set aside; {custodian} signs when they are paid out.",
        zh="已提存 {held_cents}，解冻支付须由 {custodian} 签署。",
    ),
    # Reconciliation
    "wrong-day": Refusal(en="Books are compared for today.", zh="只能对当日对账。"),
    "reconciled-already": Refusal(en="{platform} has reconciled today.", zh="{platform} 今日已对账。"),
    "books-differ": Refusal(
        en="By the ledger {core} owes {owed_cents} on {count} certificates.",
        zh="账本上 {core} 有 {count} 张凭证、未偿 {owed_cents}。",
    ),
    "books-beyond": Refusal(
        en="{platform} lists cores, or an order, that the ledger does not have.",
        zh="{platform} 列出了账本上没有的核心企业或次序。",
    ),
    # Maturity and default
    "not-due": Refusal(en="It is payable on {pays_on} and not before.", zh="付款日为 {pays_on}，未到期。"),
    "not-a-root": Refusal(en="Payment is made on root {root}.", zh="应对原始凭证 {root} 付款。"),
    "over-payment": Refusal(en="Only {owed_cents} are owed.", zh="只欠 {owed_cents}。"),
    "not-overdue": Refusal(en="It can be overdue only after {pays_on}.", zh="{pays_on} 之后才可能逾期。"),
    "without-recourse": Refusal(en="It was financed without recourse.", zh="该凭证为无追索权融资。"),
    "not-seller": Refusal(en="Recourse is against {seller}.", zh="追索对象是 {seller}。"),
    "still-live": Refusal(en="Certificate {certificate} is still {state}.", zh="凭证 {certificate} 仍为 {state}。"),
    "not-assignee": Refusal(en="Only the assignee {assignee} may do this.", zh="只有受让人 {assignee} 可以这样做。"),
}
