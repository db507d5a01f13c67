"""Names of columns in other languages than English, as patterns of their one spelling (see `names`).

German, French, Spanish, Portuguese, Italian and Dutch without accents, Chinese and Japanese.
"""

from __future__ import annotations

_WHOSE = (
    "benutzer|nutzer|anwender|kunden?|konto|mandant|utilisateur|compte|usuarios?|cuenta|conta|utente|clientes?|"
    "gebruikers?|klant(en)?|rekening"
)
ACCOUNT = (
    rf"(id_|n(ume)?ro_|num_|codigo_|code_)?(de_|du_|del_|da_|do_|dell_?|d_)?({_WHOSE})"
    r"_?(id|kennung|nummer|nr|name|num(m?ero)?|codigo)?|(用户|用戶|账户|账号|帳號|客户)_?(id|编号|名)?|"
    r"(ユーザー?|アカウント|顧客)_?(id|番号|名)?"
)
TIME = (
    r"zeit(punkt|stempel)?|datum(_(und_)?(uhr)?zeit)?|erstellt(_am)?|horodatage|date(_et)?_heure|date_creation|"
    r"fecha(_y)?(_hora)?|data(_e)?(_hora|_ora)?|momento|tijd(stip)?|时间|時間|日時|创建时间|登录时间|时间戳"
)
_IP = (
    r"ip_?(adresse?|nummer)|adresse_?ip|(direccion|endereco|indirizzo)_?ip|"
    r"(客户端|登录|用户)?_?ip(地址)?|ip_?アドレス"
)
_EMAIL = (
    r"(e_)?mail_?adresse?|correo(_electronico)?|courriel|adresse_(e_?)?mail|adresse_electronique|"
    r"(电子)?邮箱|邮件|メール(アドレス)?"
)
_PHONE = (
    r"telefon(nummer|nr)?|(numero_de_)?(telefono|telephone|telefone)|telefoonnummer|"
    r"手机(号)?|电话(号码)?|電話番号"
)
_DEVICE = (
    r"gerate?_?(id|kennung|nummer)?|geraete?_?(id|kennung)?|设备_?id|"
    r"(id_)?(appareil|dispositivo|apparaat)(_id)?"
)
_PAYMENT = r"karten?_?(fingerabdruck|hash|token)|empreinte_(de_)?carte|huella_(de_)?tarjeta|iban"
KINDS = ((_IP, "ip"), (_EMAIL, "email"), (_PHONE, "phone"), (_DEVICE, "client"), (_PAYMENT, "payment"))
