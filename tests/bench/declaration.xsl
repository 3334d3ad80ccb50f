<?xml version="1.0" encoding="UTF-8"?>
<!-- bench/declaration.xsl: what libxslt does beside us: the same declaration, from the
     standard form to DecMessage, with the codes that it holds. Used by xslt.c. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:s="urn:entrepot:sw-xml:1" exclude-result-prefixes="s"
    xmlns="http://www.chinaport.gov.cn/dec">
<xsl:output method="xml" encoding="UTF-8"/>
<xsl:param name="now"/>
<xsl:template match="/s:declaration">
<DecMessage Version="4.8">
<DecHead>
<SeqNo/>
<IEFlag>I</IEFlag>
<Type/>
<AgentCode><xsl:value-of select="s:agent/s:customs_code"/></AgentCode>
<AgentName><xsl:value-of select="s:agent/s:name"/></AgentName>
<ApprNo/>
<BillNo><xsl:value-of select="s:bill_number"/></BillNo>
<ContrNo><xsl:value-of select="s:contract_number"/></ContrNo>
<CustomMaster><xsl:value-of select="s:office"/></CustomMaster>
<CutMode><xsl:value-of select="s:levy"/></CutMode>
<DistinatePort><xsl:value-of select="s:via_port"/></DistinatePort>
<FeeCurr><xsl:value-of select="s:freight/s:currency"/></FeeCurr>
<FeeMark><xsl:apply-templates select="s:freight/s:basis" mode="basis"/></FeeMark>
<FeeRate><xsl:value-of select="s:freight/s:amount"/></FeeRate>
<GrossWet><xsl:value-of select="s:gross_mass"/></GrossWet>
<IEDate><xsl:value-of select="translate(s:transport/s:border_date, '-', '')"/></IEDate>
<IEPort><xsl:value-of select="s:border_office"/></IEPort>
<InsurCurr><xsl:value-of select="s:insurance/s:currency"/></InsurCurr>
<InsurMark><xsl:apply-templates select="s:insurance/s:basis" mode="basis"/></InsurMark>
<InsurRate><xsl:value-of select="s:insurance/s:amount"/></InsurRate>
<LicenseNo/>
<ManualNo/>
<NetWt><xsl:value-of select="s:net_mass"/></NetWt>
<NoteS><xsl:value-of select="s:note"/></NoteS>
<OtherCurr/>
<OtherMark/>
<OtherRate/>
<OwnerCode><xsl:value-of select="s:owner/s:customs_code"/></OwnerCode>
<OwnerName><xsl:value-of select="s:owner/s:name"/></OwnerName>
<PackNo><xsl:value-of select="s:packages"/></PackNo>
<TradeCode><xsl:value-of select="s:importer/s:customs_code"/></TradeCode>
<TradeCountry><xsl:apply-templates select="s:dispatch_country" mode="country"/></TradeCountry>
<TradeMode><xsl:value-of select="s:regime"/></TradeMode>
<TradeName><xsl:value-of select="s:importer/s:name"/></TradeName>
<TrafMode><xsl:apply-templates select="s:transport/s:mode" mode="mode"/></TrafMode>
<TrafName><xsl:value-of select="s:transport/s:voyage"/></TrafName>
<TransMode><xsl:apply-templates select="s:terms" mode="terms"/></TransMode>
<WrapType><xsl:apply-templates select="s:package_kind" mode="packing"/></WrapType>
<EntryId/>
<PreEntryId/>
<EdiId>1</EdiId>
<Risk/>
<CopName><xsl:value-of select="s:transmitter/s:name"/></CopName>
<CopCode><xsl:value-of select="s:transmitter/s:customs_code"/></CopCode>
<EntryType>M</EntryType>
<PDate/>
<TypistNo><xsl:value-of select="s:operator/s:card"/></TypistNo>
<InputerName><xsl:value-of select="s:operator/s:clerk"/></InputerName>
<PartenerID/>
<TgdNo/>
<DataSource/>
<DeclTrnRel>0</DeclTrnRel>
<ChkSurety/>
<BillType/>
<CopCodeScc><xsl:value-of select="s:transmitter/s:uscc"/></CopCodeScc>
<OwnerCodeScc><xsl:value-of select="s:owner/s:uscc"/></OwnerCodeScc>
<AgentCodeScc><xsl:value-of select="s:agent/s:uscc"/></AgentCodeScc>
<TradeCoScc><xsl:value-of select="s:importer/s:uscc"/></TradeCoScc>
<PromiseItmes><xsl:apply-templates select="s:price/*" mode="promise"/></PromiseItmes>
<TradeAreaCode><xsl:apply-templates select="s:trade_country" mode="country"/></TradeAreaCode>
<CheckFlow/>
<TaxAaminMark/>
<MarkNo><xsl:value-of select="s:marks"/></MarkNo>
<DespPortCode><xsl:value-of select="s:transport/s:loading_port"/></DespPortCode>
<EntyPortCode><xsl:value-of select="s:entry_port"/></EntyPortCode>
<GoodsPlace><xsl:value-of select="s:goods_place"/></GoodsPlace>
<BLNo/>
<InspOrgCode/>
<SpecDeclFlag/>
<PurpOrgCode><xsl:value-of select="s:destination_office"/></PurpOrgCode>
<DespDate><xsl:value-of select="translate(s:departure_date, '-', '')"/></DespDate>
<CmplDschrgDt/>
<CorrelationReasonFlag/>
<VsaOrgCode/>
<OrigBoxFlag/>
<DeclareName><xsl:value-of select="s:operator/s:declarant"/></DeclareName>
<NoOtherPack><xsl:apply-templates select="s:no_other_pack" mode="flag"/></NoOtherPack>
<OrgCode/>
<OverseasConsignorCode/>
<OverseasConsignorCname/>
<OverseasConsignorEname><xsl:value-of select="s:exporter/s:name"/></OverseasConsignorEname>
<OverseasConsignorAddr><xsl:value-of select="s:exporter/s:address"/></OverseasConsignorAddr>
<OverseasConsigneeCode/>
<OverseasConsigneeEname/>
<DomesticConsigneeEname><xsl:value-of select="s:importer/s:name_foreign"/></DomesticConsigneeEname>
<CorrelationNo/>
<TradeCiqCode/>
<OwnerCiqCode/>
<DeclCiqCode/>
<EdiRemark2/>
<EdiRemark/>
</DecHead>
<DecLists><xsl:apply-templates select="s:item"/></DecLists>
<DecFreeTxt><RelId/><RelManNo/><BonNo/><VoyNo/><DecBpNo/><CusFie/><DecNo/></DecFreeTxt>
<DecSign>
<OperType>C</OperType>
<ICCode><xsl:value-of select="s:operator/s:card"/></ICCode>
<CopCode><xsl:value-of select="s:transmitter/s:customs_code"/></CopCode>
<OperName/>
<ClientSeqNo><xsl:value-of select="s:number"/></ClientSeqNo>
<Sign/>
<SignDate><xsl:value-of select="$now"/></SignDate>
<Certificate/><HostId/><BillSeqNo/><DomainId/><Note/>
</DecSign>
</DecMessage>
</xsl:template>
<xsl:template match="s:item">
<DecList>
<ClassMark/>
<CodeTS><xsl:value-of select="s:commodity"/></CodeTS>
<ContrItem/>
<DeclPrice><xsl:if test="s:price"><xsl:value-of select="number(s:price)"/></xsl:if></DeclPrice>
<DutyMode><xsl:apply-templates select="s:duty_mode" mode="duty"/></DutyMode>
<Factor/>
<GModel><xsl:for-each select="s:spec"><xsl:if test="position() &gt; 1">|</xsl:if><xsl:value-of select="."/></xsl:for-each></GModel>
<GName><xsl:value-of select="s:name"/></GName>
<GNo><xsl:value-of select="s:sequence"/></GNo>
<OriginCountry><xsl:apply-templates select="s:origin" mode="country"/></OriginCountry>
<TradeCurr><xsl:value-of select="s:currency"/></TradeCurr>
<DeclTotal><xsl:if test="s:total"><xsl:value-of select="number(s:total)"/></xsl:if></DeclTotal>
<GQty><xsl:if test="s:quantity"><xsl:value-of select="number(s:quantity)"/></xsl:if></GQty>
<FirstQty><xsl:if test="s:quantity1"><xsl:value-of select="number(s:quantity1)"/></xsl:if></FirstQty>
<SecondQty><xsl:if test="s:quantity2"><xsl:value-of select="number(s:quantity2)"/></xsl:if></SecondQty>
<GUnit><xsl:value-of select="s:uom"/></GUnit>
<FirstUnit><xsl:value-of select="s:uom1"/></FirstUnit>
<SecondUnit><xsl:value-of select="s:uom2"/></SecondUnit>
<UseTo/>
<WorkUsd/>
<ExgNo/>
<ExgVersion/>
<DestinationCountry><xsl:apply-templates select="s:destination" mode="country"/></DestinationCountry>
<CiqCode><xsl:value-of select="s:ciq_code"/></CiqCode>
<DeclGoodsEname><xsl:value-of select="s:name_foreign"/></DeclGoodsEname>
<OrigPlaceCode/>
<Purpose><xsl:value-of select="s:purpose"/></Purpose>
<ProdValidDt/>
<ProdQgp/>
<GoodsAttr><xsl:value-of select="s:attributes"/></GoodsAttr>
<Stuff/>
<Uncode/>
<DangName/>
<DangPackType/>
<DangPackSpec/>
<EngManEntCnm/>
<NoDangFlag/>
<DestCode><xsl:value-of select="s:place"/></DestCode>
<GoodsSpec/>
<GoodsModel/>
<GoodsBrand/>
<ProduceDate/>
<ProdBatchNo/>
<DistrictCode><xsl:value-of select="s:district"/></DistrictCode>
<CiqName><xsl:value-of select="s:ciq_name"/></CiqName>
<MnufctrRegNo/>
<MnufctrRegName/>
<RcepOrigPlaceCode/>
<ControlExplainCode/>
</DecList>
</xsl:template>
<xsl:template match="*" mode="country">
<xsl:choose>
<xsl:when test=". = 'DE'">DEU</xsl:when>
<xsl:when test=". = 'ES'">ESP</xsl:when>
<xsl:when test=". = 'CN'">CHN</xsl:when>
<xsl:when test=". = 'FR'">FRA</xsl:when>
<xsl:when test=". = 'US'">USA</xsl:when>
<xsl:when test=". = 'JP'">JPN</xsl:when>
</xsl:choose>
</xsl:template>
<xsl:template match="*" mode="basis">
<xsl:choose>
<xsl:when test=". = 'rate'">1</xsl:when>
<xsl:when test=". = 'unit'">2</xsl:when>
<xsl:when test=". = 'total'">3</xsl:when>
</xsl:choose>
</xsl:template>
<xsl:template match="*" mode="mode">
<xsl:choose>
<xsl:when test=". = 'sea'">2</xsl:when>
<xsl:when test=". = 'rail'">3</xsl:when>
<xsl:when test=". = 'road'">4</xsl:when>
<xsl:when test=". = 'air'">5</xsl:when>
</xsl:choose>
</xsl:template>
<xsl:template match="*" mode="terms">
<xsl:choose>
<xsl:when test=". = 'cif'">1</xsl:when>
<xsl:when test=". = 'cfr'">2</xsl:when>
<xsl:when test=". = 'fob'">3</xsl:when>
<xsl:when test=". = 'exw'">7</xsl:when>
</xsl:choose>
</xsl:template>
<xsl:template match="*" mode="packing">
<xsl:choose>
<xsl:when test=". = 'carton'">22</xsl:when>
<xsl:when test=". = 'drum'">32</xsl:when>
</xsl:choose>
</xsl:template>
<xsl:template match="*" mode="flag">
<xsl:choose>
<xsl:when test=". = 'yes'">1</xsl:when>
<xsl:when test=". = 'no'">0</xsl:when>
</xsl:choose>
</xsl:template>
<xsl:template match="*" mode="duty">
<xsl:choose>
<xsl:when test=". = 'full'">1</xsl:when>
<xsl:when test=". = 'half'">2</xsl:when>
<xsl:when test=". = 'free'">3</xsl:when>
</xsl:choose>
</xsl:template>
<xsl:template match="*" mode="promise">
<xsl:choose>
<xsl:when test=". = 'yes'">1</xsl:when>
<xsl:when test=". = 'no'">0</xsl:when>
<xsl:when test=". = 'unstated'">9</xsl:when>
</xsl:choose>
</xsl:template>
</xsl:stylesheet>
