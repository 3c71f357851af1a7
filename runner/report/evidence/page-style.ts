/** The looks of the page. Each outcome has a colour and, where it is bad, a sign, so that it does not depend on colours. */
export const pageStyle = `
:root{--paper:#fff;--ink:#1c2333;--soft:#5f6675;--line:#dfe2e8;--box:#f4f5f8;
--failed:#d6453d;--unreachable:#8b44ac;--interrupted:#b06ac9;--unknown:#2b8fa8;--would:#f0c75e;--changed:#f0c75e;--ok:#9bd5a5;--skipped:#c9ced8;--none:#eceef2;--queued:#d5d9e2;--link:#1558b0}
@media(prefers-color-scheme:dark){:root{--paper:#14171f;--ink:#e6e9f0;--soft:#9aa3b5;--line:#2c3240;--box:#1d222d;
--failed:#e8625a;--unreachable:#b57bd4;--interrupted:#c99bdc;--unknown:#4fb3cc;--would:#d9ac3c;--changed:#d9ac3c;--ok:#4f9d63;--skipped:#4a5263;--none:#262c38;--queued:#39414f;--link:#7db4ff}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px;max-width:1240px;background:var(--paper);color:var(--ink);font:14px/1.5 system-ui,sans-serif}
h1{font-size:24px;margin:0 0 6px}h2{font-size:17px;margin:30px 0 8px}h3{font-size:14px;margin:0 0 4px}
p{margin:4px 0}.soft,small{color:var(--soft)}code,pre,.names{font:12px/1.45 ui-monospace,monospace}
pre{background:var(--box);padding:8px 10px;overflow:auto;margin:6px 0;white-space:pre-wrap;overflow-wrap:anywhere}
.names{color:var(--soft);overflow-wrap:anywhere;user-select:all}
.verdict{color:#fff;padding:2px 12px;border-radius:4px;background:#2f7d43}.verdict.bad{background:#b8322b}.verdict.pending{background:#8a6400}
table{border-collapse:collapse;width:100%}td,th{border-top:1px solid var(--line);padding:5px 10px 5px 0;text-align:left;vertical-align:top;font-weight:normal}
th{color:var(--soft)}td.hash{font:11px ui-monospace,monospace;overflow-wrap:anywhere}
.map{display:flex;flex-wrap:wrap;gap:18px 28px}.row{display:flex;align-items:center;gap:6px;margin:2px 0}.row>small{min-width:26px}
.slot{display:inline-flex;flex-wrap:wrap;gap:2px;border:1px solid var(--line);padding:2px;border-radius:2px}
i{width:11px;height:11px;border-radius:2px;background:var(--none);cursor:pointer;font:bold 9px/11px sans-serif;text-align:center;color:#fff;display:inline-block}
.f{background:var(--failed)}.f::before{content:"\\00d7"}.u{background:var(--unreachable)}.u::before{content:"?"}.i{background:var(--interrupted)}.i::before{content:"!"}
.k{background:var(--unknown)}.w{background:var(--would)}.c{background:var(--changed)}.o{background:var(--ok)}.s{background:var(--skipped)}.n{background:var(--none)}
body[data-show=bad] i:not(.f):not(.u):not(.i),body[data-show=changed] i:not(.c):not(.w),body[data-show=slow] i:not(.z){opacity:.15}
.card{border-left:3px solid var(--line);padding:2px 0 2px 12px;margin:10px 0}.card.bad{border-color:var(--failed)}.card.destroys{border-color:var(--failed)}.card.replaces{border-color:var(--changed)}
.add{color:#23763a}.del{color:#b8322b}@media(prefers-color-scheme:dark){.add{color:#7fd296}.del{color:#ff8a82}}
summary{cursor:pointer}button,input{font:inherit;font-size:12px;background:var(--box);color:var(--ink);border:1px solid var(--line);border-radius:4px;padding:2px 8px}
button[aria-pressed=true]{border-color:var(--link);color:var(--link)}
svg{display:block;background:var(--box)}rect.f{fill:var(--failed)}rect.u{fill:var(--unreachable)}rect.i{fill:var(--interrupted)}rect.k{fill:var(--unknown)}rect.w,rect.c{fill:var(--changed)}rect.o{fill:var(--ok)}rect.s{fill:var(--skipped)}rect.q{fill:var(--queued)}
.key span{margin-right:14px;white-space:nowrap}.key i{cursor:default;vertical-align:-1px;margin-right:4px}
.next{font-size:15px;user-select:all}#host{border:1px solid var(--line);padding:4px 14px 10px;margin-top:12px}
@media print{button,input{display:none}body{max-width:none}}
`
