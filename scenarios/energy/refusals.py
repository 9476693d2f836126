"""Every rule of the energy records that can say no, in both languages."""

from collections.abc import Mapping

from ledger.contract import Refusal

REFUSALS: Mapping[str, Refusal] = {
    # Accounts and devices
    "bad-uscc": Refusal(en="{uscc} is no unified social credit code.", zh="{uscc} 不是有效的统一社会信用代码。"),
    "office-holder": Refusal(
        en="{member} certifies, measures or checks here, and holds no certificates.",
        zh="{member} 承担核发、计量、交易或核验职责，不得持有证书。",
    ),
    "company-has-account": Refusal(en="The company has an account already: {member}.", zh="该企业已有账户：{member}。"),
    "account-exists": Refusal(en="{member} has an account already.", zh="{member} 已有账户。"),
    "no-account": Refusal(en="{member} has no account.", zh="{member} 没有账户。"),
    "whitelist-full": Refusal(en="An account accepts certificates from at most {most} others.", zh="白名单最多 {most} 个账户。"),
    "device-exists": Refusal(en="There is a device {device} already.", zh="装置 {device} 已登记。"),
    "meter-taken": Refusal(
        en="Meter {meter} measures {device}; generation and storage are metered apart.",
        zh="电表 {meter} 已用于 {device}；发电与储能须分开计量。",
    ),
    "storage-efficiency": Refusal(
        en="A storage, and nothing else, has an efficiency, below one; {device} does not fit.",
        zh="只有储能装置须登记效率，且小于 100%；{device} 不符。",
    ),
    # Readings
    "beyond-month": Refusal(en="{month} has {hours} hours.", zh="{month} 共有 {hours} 小时。"),
    "reading-ahead": Refusal(en="Hour {hour} of {month} is not over.", zh="{month} 第 {hour} 小时尚未结束。"),
    "quality-mismatch": Refusal(
        en="{hours} hours with {quality} signs of quality: each hour has one, and `-` where there is no reading.",
        zh="{hours} 小时对应 {quality} 个质量标记：每小时一个，缺数以 `-` 表示。",
    ),
    "reading-repeated": Refusal(
        en="Hour {hour} was reported already, with the same value.", zh="第 {hour} 小时已上报，数值相同。"
    ),
    "reading-conflicts": Refusal(
        en="Hour {hour} was reported as {before_wh}; another value is a correction, with a reason and the issuing body.",
        zh="第 {hour} 小时已上报 {before_wh}；改动须走更正程序，说明理由并经核发机构签署。",
    ),
    "above-capacity": Refusal(
        en="Hour {hour} shows {energy_wh}; the device can do {most_wh}.",
        zh="第 {hour} 小时读数 {energy_wh}，装机容量最多 {most_wh}。",
    ),
    "before-commissioning": Refusal(
        en="The device was commissioned on {commissioned_on_ms}; hour {hour} of {month} lies before.",
        zh="装置于 {commissioned_on_ms} 投运，{month} 第 {hour} 小时在此之前。",
    ),
    "no-reason": Refusal(en="A reason must be given.", zh="须说明理由。"),
    "month-certified": Refusal(
        en="Green certificates of {month} were issued on these readings.", zh="{month} 的绿证已据此读数核发。"
    ),
    "already-certified": Refusal(
        en="{certified_wh} of hour {hour} are certified; the certificates are withdrawn first.",
        zh="第 {hour} 小时已核发 {certified_wh}，须先撤回证书。",
    ),
    "consumption-exists": Refusal(
        en="The load of {consumer} in {month} is sealed already.", zh="{consumer} {month} 的用电已密封上链。"
    ),
    "month-not-over": Refusal(en="{month} is not over.", zh="{month} 尚未结束。"),
    "total-exists": Refusal(en="The total of {zone} in {month} is published.", zh="{zone} {month} 的总量已公布。"),
    "too-few-consumers": Refusal(
        en="A total of {consumers} loads would show too much of each; it takes {least}.",
        zh="仅 {consumers} 户的总量会暴露单户用电，至少需要 {least} 户。",
    ),
    # Hourly certificates
    "storage-by-discharge": Refusal(
        en="{device} is a storage: what it gives out is certified by charge and discharge.",
        zh="{device} 是储能装置，须按充放电记录核发。",
    ),
    "certified-otherwise": Refusal(
        en="{month} is certified as {scheme}; never both ways.", zh="{month} 已按 {scheme} 核发，不得重复。"
    ),
    "nothing-generated": Refusal(en="Nothing was generated in hour {hour} of {month}.", zh="{month} 第 {hour} 小时没有发电。"),
    "quality-unfit": Refusal(
        en="The reading of hour {hour} in {month} has quality {quality}: no certificate stands on it.",
        zh="{month} 第 {hour} 小时读数质量为 {quality}，不得据此核发。",
    ),
    "above-metered": Refusal(
        en="Hour {hour} has {metered_wh} metered, no more.", zh="第 {hour} 小时计量电量为 {metered_wh}，不得超发。"
    ),
    "hour-issued": Refusal(en="Hour {hour} of {month} was certified already.", zh="{month} 第 {hour} 小时已核发。"),
    "ids-overlap": Refusal(
        en="Ids go on at {expected}; from {got} on they would stand for energy that is certified already.",
        zh="证书编号应从 {expected} 开始；从 {got} 开始会与已有证书重叠。",
    ),
    "ids-gap": Refusal(en="Ids go on at {expected}, not at {got}.", zh="证书编号应从 {expected} 连续，而非 {got}。"),
    "expired": Refusal(en="Certificates of {month} have expired.", zh="{month} 的证书已过期。"),
    "not-expired": Refusal(en="Bundle {bundle} is valid until {expires_ms}.", zh="证书 {bundle} 有效至 {expires_ms}。"),
    "not-holder": Refusal(en="Only the holder {holder} may do this.", zh="只有持有人 {holder} 可以这样做。"),
    "wrong-state": Refusal(en="Bundle {bundle} is {state}.", zh="证书 {bundle} 的状态为 {state}。"),
    "no-parts": Refusal(en="A split has parts.", zh="拆分至少要有一份。"),
    "too-many-parts": Refusal(en="A split has at most {parts_max} parts.", zh="一次最多拆成 {parts_max} 份。"),
    "part-too-small": Refusal(en="No part is empty.", zh="每份不得为空。"),
    "wrong-lots": Refusal(en="Each part says what it takes of each hour.", zh="每份须写明各小时的电量。"),
    "wrong-sum": Refusal(
        en="The parts add up to {sum_wh}, the whole is {bundle_wh}; in each hour they must meet.",
        zh="各份合计 {sum_wh}，原为 {bundle_wh}；每小时都须分毫不差。",
    ),
    "too-deep": Refusal(en="A certificate is split at most {depth_max} times.", zh="证书最多拆分 {depth_max} 层。"),
    "to-self": Refusal(en="{member} cannot deal with itself.", zh="{member} 不能与自己交易。"),
    "not-whitelisted": Refusal(en="{to} does not accept certificates from this account.", zh="{to} 未将该账户列入白名单。"),
    "not-reserved-for": Refusal(en="It is reserved for {reserved_for}.", zh="该证书预留给 {reserved_for}。"),
    "reserved-for-other": Refusal(
        en="Bundle {bundle} is reserved for {reserved_for}.", zh="证书 {bundle} 已预留给 {reserved_for}。"
    ),
    "no-purpose": Refusal(en="A purpose must be given.", zh="须写明用途。"),
    "sweep-size": Refusal(en="A sweep has 1 to {most} entries.", zh="一次清理 1 至 {most} 项。"),
    # Claims
    "claim-exists": Refusal(en="There is a claim {claim} already.", zh="声明 {claim} 已存在。"),
    "claim-size": Refusal(en="A claim has 1 to {most} bundles.", zh="一项声明包含 1 至 {most} 个证书。"),
    "bundle-twice": Refusal(en="A bundle is named twice.", zh="同一证书出现两次。"),
    "bundle-used": Refusal(en="Bundle {bundle} is spent on {used_by}.", zh="证书 {bundle} 已用于 {used_by}。"),
    "not-verifier": Refusal(en="{member} is not enrolled as a verifier.", zh="{member} 没有登记为核验方。"),
    "not-beneficiary": Refusal(en="It was cancelled for {beneficiary}.", zh="该证书是为 {beneficiary} 核销的。"),
    "wrong-zone": Refusal(
        en="Bundle {bundle} is from {zone}, the power was used in {load_zone}.",
        zh="证书 {bundle} 来自 {zone}，用电在 {load_zone}。",
    ),
    "wrong-month": Refusal(en="Bundle {bundle} was generated in {month}.", zh="证书 {bundle} 的发电月份为 {month}。"),
    "hour-twice": Refusal(en="An hour is named twice.", zh="同一小时出现两次。"),
    "hour-mismatch": Refusal(
        en="In hour {hour} {claimed_wh} are claimed and {generated_wh} were generated.",
        zh="第 {hour} 小时声明 {claimed_wh}，发电 {generated_wh}。",
    ),
    "not-hourly": Refusal(
        en="The total is right and the hours are not: in hour {hour} {claimed_wh} are claimed, {generated_wh} were generated.",
        zh="总量相符而小时不符：第 {hour} 小时声明 {claimed_wh}，发电 {generated_wh}。",
    ),
    # Storage
    "not-storage": Refusal(en="{device} is no storage.", zh="{device} 不是储能装置。"),
    "not-owner": Refusal(en="Only the owner {owner} may do this.", zh="只有所有者 {owner} 可以这样做。"),
    "above-charged": Refusal(
        en="In hour {hour} the storage drew {metered_wh}; {asked_wh} would have an origin.",
        zh="第 {hour} 小时储能充电 {metered_wh}，申报来源 {asked_wh}。",
    ),
    "discharge-before-charge": Refusal(en="Nothing comes out before it went in.", zh="放电不得早于充电。"),
    "beyond-losses": Refusal(
        en="After losses {left_wh} of this charge are left, not {asked_wh}.",
        zh="扣除损耗后该次充电剩余 {left_wh}，不足 {asked_wh}。",
    ),
    # Monthly green certificates
    "storage-no-green": Refusal(
        en="{device} is a storage: it generates nothing and gets none.", zh="独立储能 {device} 不发电，不核发绿证。"
    ),
    "month-out-of-order": Refusal(
        en="Months are certified in order, {after} was the last.", zh="须按月依次核发，上次为 {after}。"
    ),
    "lot-state": Refusal(en="Lot {lot} is {state}.", zh="绿证批次 {lot} 的状态为 {state}。"),
    "not-tradable": Refusal(
        en="Self-use, off-grid and old hydro power get certificates that are not for sale.",
        zh="自发自用、离网和常规存量水电的绿证不可交易。",
    ),
    "already-traded": Refusal(en="Lot {lot} was sold; a green certificate is sold once.", zh="绿证 {lot} 已交易，只能交易一次。"),
    "listed-elsewhere": Refusal(en="Lot {lot} is offered at {exchange}.", zh="绿证 {lot} 已在 {exchange} 挂牌。"),
    "not-listed-here": Refusal(en="Lot {lot} is not offered at this exchange.", zh="绿证 {lot} 未在本平台挂牌。"),
    "wrong-year": Refusal(
        en="From 2026 on certificate and consumption are of one year: {month} is not of {year}.",
        zh="2026 年起绿证与用电须为同一年：{month} 不属于 {year} 年。",
    ),
    "ccer-kind": Refusal(
        en="{device} may not choose carbon credits: deep-sea wind and solar thermal may.",
        zh="{device} 不可选择 CCER：仅深远海风电、光热可选。",
    ),
    "ccer-window": Refusal(en="The choice was open until 2026-09-30.", zh="选择期已于 2026-09-30 截止。"),
    "project-exists": Refusal(en="There is a project {project} already.", zh="项目 {project} 已存在。"),
    "project-state": Refusal(en="Project {project} is {state}.", zh="项目 {project} 的状态为 {state}。"),
    "other-device": Refusal(en="Lot {lot} is not of {device}.", zh="绿证 {lot} 不属于 {device}。"),
    "green-or-carbon": Refusal(
        en="Lot {lot} is {state}: one MWh is a green certificate or a carbon credit, not both.",
        zh="绿证 {lot} 的状态为 {state}：同一兆瓦时只能是绿证或 CCER，不得兼得。",
    ),
    "not-buyer": Refusal(en="The buyer {to} signs too.", zh="须由买方 {to} 共同签署。"),
    # Imbalance
    "forecast-late": Refusal(en="Hour {hour} of {month} has begun.", zh="{month} 第 {hour} 小时已开始，不得再报预测。"),
    "forecast-exists": Refusal(en="Hour {hour} has a forecast.", zh="第 {hour} 小时已有预测。"),
    "no-forecast": Refusal(en="Hour {hour} has no forecast.", zh="第 {hour} 小时没有预测。"),
    "no-reading": Refusal(en="Hour {hour} has no reading.", zh="第 {hour} 小时没有读数。"),
    "settled-already": Refusal(en="Hour {hour} is settled.", zh="第 {hour} 小时已结算。"),
}
